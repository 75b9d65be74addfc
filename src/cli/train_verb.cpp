#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/train.h"
#include "cli/console.h"
#include "cli/option_flags.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "kernels/isa.h"
#include "wta/error.h"

namespace wta::cli {
namespace {

struct TrainArguments {
  OptionFlags flags;
  std::string recipe;
  std::vector<std::string> assignments;
  bool tied = false;
  bool untied = false;
};

// Defaults < recipe < flags < --set. A resumed run starts from its own config.toml.
TrainVerb resolve(const TrainArguments& arguments) {
  TrainVerb verb;
  const std::map<std::string, std::string> given = arguments.flags.given();
  const bool resume = given.contains("resume");
  if (resume && given.contains("out")) {
    const RunFolder run{given.at("out")};
    if (std::filesystem::exists(run.config())) {
      for (const auto& [name, value] : read_config(run.config())) set_option(verb, name, value);
    }
  }
  if (!arguments.recipe.empty()) {
    for (const auto& [name, value] : read_config(arguments.recipe)) set_option(verb, name, value);
  }
  for (const auto& [name, value] : given) set_option(verb, name, value);
  if (arguments.tied) verb.model.tied = "yes";
  if (arguments.untied) verb.model.tied = "no";
  for (const auto& [name, value] : parse_assignments(arguments.assignments)) set_option(verb, name, value);
  if (verb.run.out.empty())
    throw InvalidArgument("out: a run needs a folder; got none. Try: --out runs/first.");
  if (verb.data.data.empty())
    throw InvalidArgument("data: training needs data; got none. Try: --data digits.");
  return verb;
}

// What will happen, before it does: every option, and where it runs.
void announce(const TrainVerb& verb, const Dataset& dataset) {
  std::string options;
  for (const OptionText& option : describe(verb)) {
    if (option.info.effect == Effect::result)
      options += fmt::format(" {}={}", option.info.name, option.value);
  }
  print_message(fmt::format("wta {} on cpu ({}), {} threads", WTA_VERSION, active_isa(),
                            resolve_threads(verb.run.threads)));
  print_message(fmt::format("data {}: {} training samples {}, {} test samples", dataset.name,
                            dataset.train.samples.count(), to_string(dataset.train.samples.sample_shape()),
                            dataset.test.samples.count()));
  print_message("options:" + options);
}

int report(const TrainVerb& verb, const TrainReport& report) {
  const RunFolder run{verb.run.out};
  if (report.outcome == TrainOutcome::stopped) {
    print_message(
        fmt::format("stopped after step {}; a checkpoint is saved. Go on with: wta train --resume --out {}",
                    report.summary.steps, verb.run.out));
    return 128 + stop_signal().load();
  }
  print_result(fmt::format("trained {} units in {}: loss {:.4f}, explained variance {:.3f}, {} dead units",
                           report.units, clock_text(report.seconds), report.summary.loss,
                           report.summary.explained_variance, report.summary.dead_units));
  print_result(fmt::format("model            {}", run.model().string()));
  print_result(fmt::format("filters          {}", run.filters().string()));
  print_result(fmt::format("reconstructions  {}", run.reconstructions().string()));
  print_result(fmt::format("next             wta classify {}", verb.run.out));
  return kOk;
}

int train_now(const TrainArguments& arguments) {
  const TrainVerb verb = resolve(arguments);
  catch_stop_signals();
  ProgressDisplay display;
  const TrainHooks hooks{
      .on_step = [&](const TrainProgress& progress) { display.step(progress); },
      .on_epoch = [&](const EpochMetrics& metrics) { display.epoch(metrics); },
      .on_warning = [](const std::string& text) { print_message("wta: warning: " + text); },
      .stop = &stop_signal()};
  try {
    const TrainReport result =
        run_train(verb, hooks, [&](const Dataset& dataset) { announce(verb, dataset); });
    display.finish();
    return report(verb, result);
  } catch (...) {
    display.finish();
    throw;
  }
}

}  // namespace

Verb add_train(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("train", "Train an autoencoder: features, pictures of them, and a model file");
  const auto arguments = std::make_shared<TrainArguments>();
  arguments->flags.add(*command, describe(TrainVerb{}), {"tied"});
  command->add_option("--recipe", arguments->recipe, "TOML file with options");
  command->add_flag("--tied", arguments->tied,
                    "Decoder weights are the encoder's transposed (default for one layer)");
  command->add_flag("--untied", arguments->untied, "Decoder weights of their own");
  command->add_option("--set", arguments->assignments, "key=value for any option; wins over flags and recipe")
      ->type_name("");
  return {command, [arguments] { return train_now(*arguments); }};
}

}  // namespace wta::cli
