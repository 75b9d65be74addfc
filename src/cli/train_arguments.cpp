#include "cli/train_arguments.h"

#include <fmt/format.h>

#include <cstdio>

#include "app/recipes.h"
#include "cli/console.h"
#include "kernels/isa.h"
#include "wta/error.h"

namespace wta::cli {
namespace {

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

}  // namespace

void TrainArguments::add(CLI::App& command) {
  flags_.add(command, describe(TrainVerb{}), {"tied", "spatial"});
  command.add_option("--recipe", recipe_, "TOML file with options, or the name of one in recipes/")
      ->type_name("RECIPE|FILE");
  command.add_flag("--spatial", spatial_,
                   "Each feature map keeps its largest activation per image (default for conv)");
  command.add_flag("--no-spatial", no_spatial_, "Feature maps do not compete over positions");
  command.add_flag("--tied", tied_, "Decoder weights are the encoder's transposed (default for one layer)");
  command.add_flag("--untied", untied_, "Decoder weights of their own");
  command.add_option("--set", assignments_, "Any option; wins over flags and recipe")->type_name("KEY=VALUE");
}

TrainVerb TrainArguments::resolve() const {
  TrainVerb verb;
  const std::map<std::string, std::string> given = flags_.given();
  const bool resume = given.contains("resume");
  if (resume && given.contains("out")) {
    const RunFolder run{given.at("out")};
    if (std::filesystem::exists(run.config())) apply_config(read_config(run.config()), verb);
  }
  if (!recipe_.empty()) apply_config(load_recipe(recipe_), verb);
  for (const auto& [name, value] : given) override_option(verb, name, value);
  if (tied_) override_option(verb, "tied", "yes");
  if (untied_) override_option(verb, "tied", "no");
  if (spatial_) override_option(verb, "spatial", "yes");
  if (no_spatial_) override_option(verb, "spatial", "no");
  for (const auto& [name, value] : parse_assignments(assignments_)) override_option(verb, name, value);
  if (verb.run.out.empty())
    throw InvalidArgument("out: a run needs a folder; got none. Try: --out runs/first.");
  if (verb.data.data.empty())
    throw InvalidArgument("data: training needs data; got none. Try: --data digits.");
  return verb;
}

TrainObserver watch_training(const TrainVerb& verb, ProgressDisplay& display) {
  TrainObserver observer;
  observer.hooks = {.on_step = [&display](const TrainProgress& progress) { display.step(progress); },
                    .on_epoch = [&display](const EpochMetrics& metrics) { display.epoch(metrics); },
                    .on_warning = print_warning,
                    .stop = &stop_signal()};
  observer.on_data = [verb](const Dataset& dataset) {
    catch_stop_signals();
    announce(verb, dataset);
  };
  observer.on_stage = [&display](const StageStart& start) {
    display.finish();
    announce(start);
  };
  return observer;
}

SvmProgress watch_classifier() {
  return [](const SvmStatus& status) {
    if (messages_on_terminal()) {
      std::fputs(fmt::format("\rlinear SVM: fit {} of {}, C {:g}, iteration {}\033[K", status.fit,
                             status.fits, status.C, status.iteration)
                     .c_str(),
                 stderr);
    }
    return stop_signal().load() == 0;
  };
}

}  // namespace wta::cli
