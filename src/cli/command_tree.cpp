#include "cli/command_tree.h"

namespace wta::cli {

std::vector<const CLI::App*> verbs(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App* verb) { return !verb->get_group().empty(); });
}

std::vector<const CLI::Option*> flags(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->nonpositional(); });
}

std::vector<const CLI::Option*> positionals(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::string flag_name(const CLI::Option& flag) {
  return "--" + flag.get_lnames().front();
}

std::string value_type(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  const std::string type = option.get_type_name();  // CLI11 adds what it checks after a colon
  return type.substr(0, type.find(':'));
}

}  // namespace wta::cli
