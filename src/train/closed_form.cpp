#include "train/closed_form.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <utility>

#include "model/parameters.h"
#include "model/principal_components.h"
#include "wta/error.h"

namespace wta {
namespace {

void require_finite(const ComponentVariance& variance, Autoencoder& network) {
  if (std::isfinite(variance.all) && std::isfinite(variance.kept) && !parameter_not_finite(network)) return;
  throw DataError(fmt::format(
      "train: the variance of samples must be finite for principal components; got {}. Try: samples "
      "scaled to a smaller range.",
      variance.all));
}

}  // namespace

TrainOutcome compute_model(const Context& context, const TrainOptions& options, const Samples& samples,
                           RunStore& store, const TrainHooks& hooks, Model& model) {
  using Clock = std::chrono::steady_clock;
  static_cast<void>(batch_size(options, samples.count()));  // throws where there are none
  TrainState state(std::move(model), options.optimizer);
  if (!store.begin(state)) {
    const Clock::time_point begin = Clock::now();
    Stage& stage = state.stage();
    const ComponentVariance variance = find_principal_components(
        context,
        {.count = samples.count(),
         .sample_shape = stage.sample_shape,
         .read = [&](std::int64_t first, MatrixView<float> out) { samples.read(first, out); }},
        stage.network);
    require_finite(variance, stage.network);
    state.step = 1;
    stage.summary = {.epochs = 1,
                     .steps = 1,
                     .loss = 0.5 * (variance.all - variance.kept),
                     .explained_variance = variance.all > 0 ? variance.kept / variance.all : 0,
                     .active_fraction = 1};
    stage.usage.assign(stage.usage.size(), samples.count());
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const EpochMetrics line{.stage = static_cast<std::int64_t>(state.model.stages.size()),
                            .epoch = 1,
                            .step = 1,
                            .loss = stage.summary.loss,
                            .explained_variance = stage.summary.explained_variance,
                            .active_fraction = 1,
                            .samples_per_second = static_cast<double>(samples.count()) / seconds};
    store.append(line, state.model);
    if (hooks.on_epoch) hooks.on_epoch(line);
  }
  store.save(state);
  model = std::move(state.model);
  return TrainOutcome::finished;
}

}  // namespace wta
