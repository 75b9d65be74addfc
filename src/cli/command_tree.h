#pragma once
/// What documents and completion read of the declared commands.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace wta::cli {

/// Sub-commands in the order of declaration; those of the empty group are not for people and left out.
[[nodiscard]] std::vector<const CLI::App*> verbs(const CLI::App& command);
[[nodiscard]] std::vector<const CLI::Option*> flags(const CLI::App& command);
[[nodiscard]] std::vector<const CLI::Option*> positionals(const CLI::App& command);

/// "--batch".
[[nodiscard]] std::string flag_name(const CLI::Option& flag);
/// What stands for the value in the help, e.g. "N" or "train|test"; empty for a switch.
[[nodiscard]] std::string value_type(const CLI::Option& option);

}  // namespace wta::cli
