#include <fmt/format.h>

#include <cstdlib>
#include <sstream>
#include <string_view>

#include "cli/console.h"
#include "cli/verbs.h"
#include "core/nearest.h"
#include "kernels/isa.h"
#include "wta/error.h"

namespace wta::cli {
namespace {

// CLI11's message for an unknown flag, with the nearest one that the command knows.
std::string usage_message(const CLI::App& command, const CLI::ParseError& error, const std::string& unknown) {
  if (unknown.empty() && command.get_parent() == nullptr)
    return fmt::format("{}. Try: wta --help.", error.what());
  if (unknown.empty()) return fmt::format("{} Try: wta {} --help.", error.what(), command.get_name());
  std::vector<std::string> known;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back(fmt::format("--{}", name));
  }
  for (const CLI::App* verb : command.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(verb->get_name());
  }
  return fmt::format("unknown option or verb '{}'. Try: {}.", unknown, nearest(unknown, known));
}

const CLI::App& chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : chosen_command(*chosen.front());
}

int parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {  // --help, --version
    std::ostringstream text;
    (void)app.exit(error, text, text);
    print_result(text.str());
    return kOk;
  }
  const CLI::App& command = chosen_command(app);
  const std::vector<std::string> extras = command.remaining();
  std::string unknown = extras.empty() ? std::string() : extras.front();
  if (const std::size_t equals = unknown.find('='); equals != std::string::npos) unknown.resize(equals);
  print_message("wta: error: " + usage_message(command, error, unknown));
  return kUsage;
}

int run(int argc, char** argv) {
  CLI::App app("wta: winner-take-all autoencoders. Sparse features without labels (Makhzani & Frey 2015).",
               "wta");
  app.set_version_flag("--version", WTA_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  const std::vector<Verb> verbs = {
      add_train(app),     add_encode(app),  add_classify(app),   add_predict(app),  add_reconstruct(app),
      add_filters(app),   add_maps(app),    add_report(app),     add_explore(app),  add_info(app),
      add_verify(app),    add_data(app),    add_export(app),     add_import(app),   add_sweep(app),
      add_reproduce(app), add_options(app), add_completion(app), add_complete(app), add_man(app)};
  if (argc == 1) {
    print_result(app.help());
    return kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return parse_error(app, error);
  }
  if (const char* isa = std::getenv("WTA_ISA"); isa != nullptr && *isa != '\0') limit_isa(isa);
  for (const Verb& verb : verbs) {
    if (!verb.command->parsed()) continue;
    const int code = verb.run();
    return code == kOk && stop_signal() != 0 ? exit_code_of_stop() : code;
  }
  return kUsage;
}

}  // namespace
}  // namespace wta::cli

int main(int argc, char** argv) {
  try {
    wta::cli::reserve_memory_for_errors();
    return wta::cli::run(argc, argv);
  } catch (const wta::Interrupted&) {
    wta::cli::print_message("stopped; nothing was written");
    return wta::cli::exit_code_of_stop();
  } catch (const std::exception& error) {
    return wta::cli::report_error(error);
  }
}
