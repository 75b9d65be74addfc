#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/recipes.h"
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
  bool spatial = false;
  bool no_spatial = false;
};

void apply(const Config& config, TrainVerb& verb) {
  for (const auto& [name, value] : config.options) set_option(verb, name, value);
  if (!config.stages.empty()) verb.stages = config.stages;
}

// For every stage, whatever the recipe says of one.
void override_option(TrainVerb& verb, const std::string& name, const std::string& value) {
  set_option(verb, name, value);
  std::string key = name;
  std::ranges::replace(key, '-', '_');
  for (OptionValues& stage : verb.stages) stage.erase(key);
}

// Defaults < recipe < flags < --set. A resumed run starts from its own config.toml.
TrainVerb resolve(const TrainArguments& arguments) {
  TrainVerb verb;
  const std::map<std::string, std::string> given = arguments.flags.given();
  const bool resume = given.contains("resume");
  if (resume && given.contains("out")) {
    const RunFolder run{given.at("out")};
    if (std::filesystem::exists(run.config())) {
      apply(read_config(run.config()), verb);
    }
  }
  if (!arguments.recipe.empty()) apply(load_recipe(arguments.recipe), verb);
  for (const auto& [name, value] : given) override_option(verb, name, value);
  if (arguments.tied) override_option(verb, "tied", "yes");
  if (arguments.untied) override_option(verb, "tied", "no");
  if (arguments.spatial) override_option(verb, "spatial", "yes");
  if (arguments.no_spatial) override_option(verb, "spatial", "no");
  for (const auto& [name, value] : parse_assignments(arguments.assignments))
    override_option(verb, name, value);
  if (verb.run.out.empty())
    throw InvalidArgument("out: a run needs a folder; got none. Try: --out runs/first.");
  if (verb.data.data.empty())
    throw InvalidArgument("data: training needs data; got none. Try: --data digits.");
  return verb;
}

// Where it runs and on what.
void announce(const TrainVerb& verb, const Dataset& dataset) {
  print_message(fmt::format("wta {} on cpu ({}), {} threads", WTA_VERSION, active_isa(),
                            resolve_threads(verb.run.threads)));
  print_message(fmt::format("data {}: {} training samples {}, {} test samples", dataset.name,
                            dataset.train.samples.count(), to_string(dataset.train.samples.sample_shape()),
                            dataset.test.samples.count()));
}

// What begins, before it does: every option that decides a number.
void announce(const StageStart& start) {
  std::string options;
  for (const OptionText& option : describe(start.options)) {
    if (option.info.effect == Effect::result)
      options += fmt::format(" {}={}", option.info.name, option.value);
  }
  if (start.count > 1) {
    print_message(fmt::format("stage {} of {}: reads samples {}", start.number, start.count,
                              to_string(start.sample_shape)));
  }
  print_message("options:" + options);
}

int report(const TrainVerb& verb, const TrainReport& report) {
  const RunFolder run{verb.run.out};
  const TrainingSummary& summary = report.model.top().summary;
  if (report.outcome == TrainOutcome::stopped) {
    print_message(
        fmt::format("stopped after step {}; a checkpoint is saved. Go on with: wta train --resume --out {}",
                    summary.steps, verb.run.out));
    return 128 + stop_signal().load();
  }
  const Autoencoder& network = report.model.top().network;
  print_result(fmt::format("trained {} {} in {}: loss {:.4f}, explained variance {:.3f}, {} dead",
                           network.units(), network.convolutional() ? "maps" : "units",
                           clock_text(report.seconds), summary.loss, summary.explained_variance,
                           summary.dead_units));
  print_result(fmt::format("model            {}", run.model().string()));
  if (std::filesystem::exists(run.filters())) {
    print_result(fmt::format("filters          {}", run.filters().string()));
    print_result(fmt::format("reconstructions  {}", run.reconstructions().string()));
  }
  print_result(fmt::format("next             wta classify {}", verb.run.out));
  return kOk;
}

int train_now(const TrainArguments& arguments) {
  const TrainVerb verb = resolve(arguments);
  catch_stop_signals();
  ProgressDisplay display;
  TrainObserver observer;
  observer.hooks = {.on_step = [&](const TrainProgress& progress) { display.step(progress); },
                    .on_epoch = [&](const EpochMetrics& metrics) { display.epoch(metrics); },
                    .on_warning = print_warning,
                    .stop = &stop_signal()};
  observer.on_data = [&](const Dataset& dataset) { announce(verb, dataset); };
  observer.on_stage = [&](const StageStart& start) {
    display.finish();
    announce(start);
  };
  try {
    const TrainReport result = run_train(verb, observer);
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
  arguments->flags.add(*command, describe(TrainVerb{}), {"tied", "spatial"});
  command->add_option("--recipe", arguments->recipe,
                      "TOML file with options, or the name of one in recipes/");
  command->add_flag("--spatial", arguments->spatial,
                    "Each feature map keeps its largest activation per image (default for conv)");
  command->add_flag("--no-spatial", arguments->no_spatial, "Feature maps do not compete over positions");
  command->add_flag("--tied", arguments->tied,
                    "Decoder weights are the encoder's transposed (default for one layer)");
  command->add_flag("--untied", arguments->untied, "Decoder weights of their own");
  command->add_option("--set", arguments->assignments, "key=value for any option; wins over flags and recipe")
      ->type_name("");
  return {command, [arguments] { return train_now(*arguments); }};
}

}  // namespace wta::cli
