#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "app/sweep.h"
#include "cli/console.h"
#include "cli/train_arguments.h"
#include "cli/verbs.h"
#include "wta/error.h"

namespace wta::cli {
namespace {

struct SweepArguments {
  std::string axis;
  TrainArguments training;
  std::int64_t labels = 0;
  std::int64_t subsets = 5;
  bool no_classify = false;
};

void print_row(const SweepRow& row) {
  const std::string error =
      row.classification ? fmt::format("test error {:.2f}%, ", row.classification->test_error_percent) : "";
  print_result(fmt::format("{}: {}explained variance {:.3f}, {} dead, {}", row.value, error,
                           row.summary.explained_variance, row.summary.dead_units,
                           clock_text(row.train_seconds)));
}

SweepHooks watch(const SweepVerb& verb, ProgressDisplay& display) {
  SweepHooks hooks;
  hooks.training = watch_training(verb.train, display);
  hooks.classification = {
      .on_iteration = watch_classifier(), .on_warning = print_warning, .stop = &stop_signal()};
  hooks.on_value = [key = verb.key](const std::string& value) {
    print_message(fmt::format("sweep: {}={}", key, value));
  };
  hooks.on_row = [&display](const SweepRow& row) {
    display.finish();
    if (messages_on_terminal()) std::fputs("\r\033[K", stderr);
    print_row(row);
  };
  return hooks;
}

int sweep_now(const SweepArguments& arguments) {
  const SweepAxis axis = parse_sweep_axis(arguments.axis);
  SweepVerb verb;
  verb.key = axis.key;
  verb.values = axis.values;
  verb.train = arguments.training.resolve();
  verb.classify.labels = arguments.labels;
  verb.classify.subsets = arguments.subsets;
  verb.classifies = !arguments.no_classify;
  ProgressDisplay display;
  const SweepHooks hooks = watch(verb, display);
  try {
    const SweepReport report = run_sweep(verb, hooks);
    display.finish();
    if (report.stopped) {
      print_message("stopped; a checkpoint is saved. Go on with the same command and --resume");
      return exit_code_of_stop();
    }
  } catch (const Interrupted&) {
    print_message("stopped; what was done is kept. Go on with the same command and --resume");
    return exit_code_of_stop();
  }
  print_result(fmt::format("table    {}/sweep.md", verb.train.run.out));
  print_result(fmt::format("picture  {}/sweep.png", verb.train.run.out));
  return kOk;
}

}  // namespace

Verb add_sweep(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "sweep", "Train and classify with several values of one option: a table and a picture");
  const auto arguments = std::make_shared<SweepArguments>();
  command->add_option("axis", arguments->axis, "An option and its values, e.g. lifetime=30%,10%,5%")
      ->required()
      ->type_name("KEY=V1,V2,...");
  arguments->training.add(*command);
  command->add_option("--labels", arguments->labels, "Labelled samples of a class-balanced subset; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  command->add_option("--subsets", arguments->subsets, "Subsets of labels to average over")
      ->check(CLI::Range(1, 1000))
      ->type_name("K");
  command->add_flag("--no-classify", arguments->no_classify, "Train alone");
  return {command, [arguments] { return sweep_now(*arguments); }};
}

}  // namespace wta::cli
