#include <fmt/format.h>

#include <memory>

#include "cli/console.h"
#include "cli/train_arguments.h"
#include "cli/verbs.h"

namespace wta::cli {
namespace {

int report(const TrainVerb& verb, const TrainReport& report) {
  const RunFolder run{verb.run.out};
  if (report.outcome == TrainOutcome::stopped) {
    print_message(fmt::format("stopped; what was learned is saved. Go on with: wta train --resume --out {}",
                              verb.run.out));
    return exit_code_of_stop();
  }
  const TrainingSummary& summary = report.model.top().summary;
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
  const TrainVerb verb = arguments.resolve();
  ProgressDisplay display;
  const TrainObserver observer = watch_training(verb, display);
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
  arguments->add(*command);
  return {command, [arguments] { return train_now(*arguments); }};
}

}  // namespace wta::cli
