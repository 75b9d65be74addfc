#pragma once
/// The options of `wta report` and `wta explore` on the command line.

#include <CLI/CLI.hpp>

#include "app/report.h"
#include "cli/option_flags.h"

namespace wta::cli {

class ReportArguments {
 public:
  /// Adds the run, --data, --label-file and a flag per option.
  void add(CLI::App& command);
  [[nodiscard]] ReportVerb resolve() const;

 private:
  std::filesystem::path run_;
  DataOptions data_;
  OptionFlags flags_;
};

}  // namespace wta::cli
