#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "app/reproduce.h"
#include "cli/console.h"
#include "cli/train_arguments.h"
#include "cli/verbs.h"
#include "wta/error.h"

namespace wta::cli {
namespace {

int stopped() {
  print_message("stopped; go on with the same command");
  return exit_code_of_stop();
}

int reproduce_now(const ReproduceVerb& verb) {
  catch_stop_signals();
  ProgressDisplay display;
  ReproduceHooks hooks;
  hooks.training.hooks = watch_training({}, display).hooks;
  hooks.classification = {
      .on_iteration = watch_classifier(), .on_warning = print_warning, .stop = &stop_signal()};
  hooks.on_message = [&display](const std::string& text) {
    display.finish();
    print_message(text);
  };
  try {
    const ReproduceReport report = run_reproduce(paper(), verb, hooks);
    display.finish();
    if (report.stopped) return stopped();
    for (const ReproducedFigure& figure : report.figures) {
      print_result(fmt::format("{:8} {:45} seed {}  {:6.2f} %", figure.exhibit, figure.label, figure.seed,
                               figure.value));
    }
    for (const std::string& skipped : report.skipped) print_result("skipped  " + skipped);
    print_result(fmt::format("see      {}/README.md", verb.out));
    return kOk;
  } catch (const Interrupted&) {
    return stopped();
  }
}

}  // namespace

Verb add_reproduce(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "reproduce", "Tables and figures of the paper: our numbers beside the published ones, and pictures");
  const auto verb = std::make_shared<ReproduceVerb>();
  command
      ->add_option("names", verb->names,
                   "table1, table2a, table2b, table3, table4, fig1 ... fig10, penalty, or all")
      ->required()
      ->type_name("EXHIBIT|all");
  command->add_option("--out", verb->out, "Folder of the results; the same command goes on there")
      ->required()
      ->type_name("FOLDER");
  command->add_flag("--quick", verb->quick, "Smaller networks and fewer epochs, in minutes");
  command->add_option("--seeds", verb->seeds, "Seeds of each row of a table")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
  command->add_option("--threads", verb->threads, "Worker threads; 0 means all processors")
      ->check(CLI::Range(0, 1024))
      ->type_name("N");
  return {command, [verb] { return reproduce_now(*verb); }};
}

}  // namespace wta::cli
