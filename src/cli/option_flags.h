#pragma once
/// Command line flags made from the option table: an option `batch` becomes `--batch`, a switch `resume`
/// becomes `--resume`. Values are kept as text and applied later, so that recipe < flags < --set.

#include <CLI/CLI.hpp>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "wta/options.h"

namespace wta::cli {

/// What stands for the value in the help: a range of one word as it is, else N, X, RATE or TEXT.
[[nodiscard]] std::string placeholder(const OptionText& option);

class OptionFlags {
 public:
  /// Adds one flag per option to the command; `skip` lists names that the command declares itself.
  void add(CLI::App& command, const std::vector<OptionText>& options,
           const std::vector<std::string>& skip = {});
  /// name -> text of the flags that were given.
  [[nodiscard]] std::map<std::string, std::string> given() const;

 private:
  struct Flag {
    std::string name;
    std::string text;
    CLI::Option* option = nullptr;
    bool is_switch = false;
  };
  std::deque<Flag> flags_;  // CLI11 keeps references: elements must not move
};

/// "key=value" texts of --set. Throws InvalidArgument for a text without '='.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_assignments(
    const std::vector<std::string>& texts);

}  // namespace wta::cli
