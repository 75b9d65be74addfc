#include "train/learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "model/parameters.h"
#include "wta/error.h"

namespace wta {
namespace {

// Of each unit and sample: the positions that may all win, where maps do not compete over them.
std::int64_t most_winners_per_sample(const Autoencoder& network) {
  return network.convolutional() && !network.spatial ? network.input_shape[0] * network.input_shape[1] : 1;
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

// A step is never cut short: whoever calls stops between two of them.
Context context_of_steps(Context context, const TrainOptions& options) {
  context.seed = static_cast<std::uint64_t>(options.seed);
  context.stop = nullptr;
  return context;
}

}  // namespace

Learner::Learner(const Context& context, const TrainOptions& options, Model start, std::int64_t largest_batch)
    : options_(options),
      context_(context_of_steps(context, options)),
      state_(std::move(start), options_.optimizer),
      corruption_(stage().network.input_dropout, context_.seed, Purpose::input_dropout),
      step_(make_training_step(context_, stage().network)),
      sink_(state_.optimizer, parameters(stage().network)),
      x_({largest_batch, stage().network.inputs()}),
      corrupted_(corruption_.active() ? x_.shape() : Shape{0}) {}

StepResult Learner::step(MatrixView<float> x, const Moment& moment) {
  state_.optimizer.begin_step(state_.step, moment.total_steps);
  Batch batch = corrupt(x, moment.progress);
  batch.chains = state_.chains.matrix();
  const StepResult result = step_->forward(batch);
  require_sane(result, moment);
  step_->backward(batch.input, sink_);
  state_.statistics.add(result, step_->activity(), x.rows);
  update_thresholds(step_->activity(), state_.threshold_updates, stage().network.thresholds);
  ++state_.step;
  return result;
}

// The samples with some of their values set to 0; the reconstruction answers to the whole ones.
Batch Learner::corrupt(ConstMatrixView<float> x, double progress) {
  if (!corruption_.active()) return {x, x, state_.step, progress};
  const MatrixView<float> corrupted = corrupted_.matrix().row_range(0, x.rows);
  constexpr std::int64_t kTile = 16;
  parallel_for_tiles(context_, x.rows, kTile, [&](std::int64_t begin, std::int64_t end) {
    const std::span<float> tile(corrupted.row(begin), static_cast<std::size_t>((end - begin) * x.cols));
    std::copy_n(x.row(begin), tile.size(), tile.begin());
    corruption_.drop(state_.step, begin * x.cols, tile);
  });
  return {corrupted, x, state_.step, progress};
}

void Learner::require_sane(const StepResult& result, const Moment& moment) const {
  constexpr double kDivergedFactor = 1000;
  // An RBM's reconstruction lies in 0..1 whatever its samples are, all 0 perhaps.
  const double least = stage().network.rbm() ? static_cast<double>(stage().network.inputs()) : 1e-12;
  const double limit = kDivergedFactor * 0.5 * std::max(mean_squares_, least);
  if (std::isfinite(result.loss) && result.loss <= limit) return;
  throw DivergedError(
      fmt::format("train: the loss must stay finite and below {:.3g}; got {:.3g} at step {} (epoch {}, "
                  "learning rate {:.3g}). What was saved before stays. Try: --lr {:.3g} in a new run.",
                  limit, result.loss, state_.step + 1, moment.epoch + 1, state_.optimizer.learning_rate(),
                  options_.optimizer.lr / 10));
}

EpochMetrics Learner::end_epoch(std::int64_t epoch, const DataMoments& moments) {
  const EpochStatistics& sums = state_.statistics;
  const auto samples = static_cast<double>(sums.samples);
  const double centred = moments.centred_squares;
  const double could_win =
      samples * static_cast<double>(stage().network.units() * most_winners_per_sample(stage().network));
  TrainingSummary& summary = stage().summary;
  summary = {.epochs = epoch,
             .steps = state_.step,
             .dead_units = sums.dead_units(),
             .loss = sums.loss_sum / samples,
             .explained_variance = centred > 0 ? 1 - sums.squared_error / centred : 0,
             .active_fraction = static_cast<double>(sums.winners) / could_win};
  stage().usage = sums.wins;
  state_.statistics = EpochStatistics(stage().network.units());
  return {.stage = stage_number(),
          .epoch = epoch,
          .step = state_.step,
          .learning_rate = state_.optimizer.learning_rate(),
          .loss = summary.loss,
          .explained_variance = summary.explained_variance,
          .active_fraction = summary.active_fraction,
          .dead_units = summary.dead_units};
}

std::optional<std::string> Learner::not_finite() {
  if (auto name = parameter_not_finite(stage().network)) return name;
  if (!all_finite(stage().network.thresholds.span())) return "thresholds";
  for (const auto& [name, tensor] : state_.optimizer.state()) {
    if (!all_finite(tensor->span())) return "optimizer." + name;
  }
  return std::nullopt;
}

void Learner::require_finite() {
  const auto name = not_finite();
  if (!name) return;
  throw DivergedError(fmt::format(
      "train: weights and what the optimiser keeps of their gradients must stay finite; '{}' does "
      "not after step {}. What was saved before stays. Try: --lr {:.3g} in a new run, or samples "
      "scaled to a smaller range.",
      *name, state_.step, options_.optimizer.lr / 10));
}

void require_probabilities(const Autoencoder& network, const DataMoments& moments) {
  if (!network.rbm() || (moments.lowest >= 0 && moments.highest <= 1)) return;
  throw DataError(fmt::format(
      "train: an RBM reads values as probabilities, from 0 to 1; got {} to {}. Try: data scaled to "
      "that range, or --model autoencoder.",
      moments.lowest, moments.highest));
}

}  // namespace wta
