#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "core/parallel.h"
#include "data/batches.h"
#include "model/dropout.h"
#include "model/parameters.h"
#include "model/training_step.h"
#include "train/checkpoint.h"
#include "train/closed_form.h"
#include "train/free_energy_monitor.h"
#include "train/metrics_file.h"
#include "wta/error.h"
#include "wta/trainer.h"

namespace wta {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// One pass over the data in fixed blocks; sums in double.
DataMoments measure(const Samples& samples) {
  constexpr std::int64_t kBlock = 256;
  const std::int64_t size = samples.sample_size();
  std::vector<double> sums(static_cast<std::size_t>(size));
  double squares = 0;
  float lowest = std::numeric_limits<float>::max();
  float highest = std::numeric_limits<float>::lowest();
  Tensor<float> block({kBlock, size});
  for (std::int64_t begin = 0; begin < samples.count(); begin += kBlock) {
    const MatrixView<float> x = block.matrix().row_range(0, std::min(kBlock, samples.count() - begin));
    samples.read(begin, x);
    for (std::int64_t n = 0; n < x.rows; ++n) {
      const auto [least, most] = std::ranges::minmax(x.row_span(n));
      lowest = std::min(lowest, least);
      highest = std::max(highest, most);
      for (std::int64_t d = 0; d < size; ++d) {
        const double value = x(n, d);
        sums[static_cast<std::size_t>(d)] += value;
        squares += value * value;
      }
    }
  }
  const auto count = static_cast<double>(samples.count());
  double mean_energy = 0;
  for (double& sum : sums) {
    sum /= count;
    mean_energy += sum * sum;
  }
  return {.mean = std::move(sums),
          .centred_squares = std::max(0.0, squares - count * mean_energy),
          .mean_squares = squares / count,
          .lowest = lowest,
          .highest = highest};
}

// Of each unit and sample: the positions that may all win, where maps do not compete over them.
std::int64_t most_winners_per_sample(const Autoencoder& network) {
  return network.convolutional() && !network.spatial ? network.input_shape[0] * network.input_shape[1] : 1;
}

Context with_seed(Context context, const TrainOptions& options) {
  context.seed = static_cast<std::uint64_t>(options.seed);
  return context;
}

// The loop's parts, tied together for one call of train().
class Training {
 public:
  Training(const Context& context, const TrainOptions& options, const Samples& samples,
           const std::filesystem::path& run, const TrainHooks& hooks, Model& model)
      : options_(options),
        context_(with_seed(context, options)),
        samples_(samples),
        run_(run),
        hooks_(hooks),
        batch_(batch_size(options, samples.count())),
        order_(samples.count(), batch_, static_cast<std::uint64_t>(options.seed)),
        total_steps_(options_.epochs * order_.steps_per_epoch()),
        moments_(measure(samples)),
        state_(std::move(model), options_.optimizer),
        corruption_(state_.stage().network.input_dropout, static_cast<std::uint64_t>(options.seed),
                    Purpose::input_dropout),
        step_(make_training_step(context_, state_.stage().network)),
        sink_(state_.optimizer, parameters(state_.stage().network)),
        x_({batch_, samples.sample_size()}),
        corrupted_(corruption_.active() ? x_.shape() : Shape{0}) {
    if (state_.stage().network.rbm()) monitor_.emplace(samples, hooks.held_out);
  }

  TrainOutcome run(bool resume) {
    start(resume);
    MetricsFile metrics(run_ / "metrics.jsonl", stage_number(), state_.step);
    restart_clocks();
    while (state_.step < total_steps_) {
      if (hooks_.stop != nullptr && hooks_.stop->load() != 0) {
        save();
        return TrainOutcome::stopped;
      }
      take_step();
      if (state_.step % order_.steps_per_epoch() == 0) end_epoch(metrics);
      if (seconds_since(last_save_) >= options_.checkpoint_seconds) save();
    }
    save();
    return TrainOutcome::finished;
  }

  Model take_model() { return std::move(state_.model); }

 private:
  void start(bool resume) {
    require_probabilities();
    start_chains();
    if (resume && load_newest_checkpoint(run_, hooks_.on_warning, state_)) return;
    centre_on(state_.stage().network, moments_.mean);
    save();
  }

  void require_probabilities() const {
    if (!state_.stage().network.rbm() || (moments_.lowest >= 0 && moments_.highest <= 1)) return;
    throw DataError(fmt::format(
        "train: an RBM reads values as probabilities, from 0 to 1; got {} to {}. Try: data scaled to "
        "that range, or --model autoencoder.",
        moments_.lowest, moments_.highest));
  }

  void start_chains() {
    if (!state_.stage().network.divergence.persistent) return;
    state_.chains = Tensor<float>({batch_, samples_.sample_size()});
    samples_.read(0, state_.chains.matrix());
  }

  [[nodiscard]] std::int64_t stage_number() const {
    return static_cast<std::int64_t>(state_.model.stages.size());
  }

  void restart_clocks() {
    last_save_ = run_start_ = epoch_start_ = Clock::now();
    first_step_ = state_.step;
    epoch_first_sample_ = state_.statistics.samples;
  }

  void take_step() {
    const std::span<const std::int64_t> indices = order_.batch_of(state_.step);
    const MatrixView<float> x = x_.matrix().row_range(0, static_cast<std::int64_t>(indices.size()));
    samples_.gather(indices, x);
    state_.optimizer.begin_step(state_.step, total_steps_);
    Batch batch = corrupt(x);
    batch.chains = state_.chains.matrix();
    const StepResult result = step_->forward(batch);
    require_sane(result);
    step_->backward(batch.input, sink_);
    state_.statistics.add(result, step_->activity(), x.rows);
    update_thresholds(step_->activity(), state_.threshold_updates, state_.stage().network.thresholds);
    ++state_.step;
    report(result);
  }

  // The samples with some of their values set to 0; the reconstruction answers to the whole ones.
  [[nodiscard]] Batch corrupt(ConstMatrixView<float> x) {
    const std::int64_t epoch = state_.step / order_.steps_per_epoch();
    const double progress = static_cast<double>(epoch) / static_cast<double>(options_.epochs);
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

  // A loss far above that of an empty reconstruction never comes back.
  void require_sane(const StepResult& result) const {
    constexpr double kDivergedFactor = 1000;
    const double limit = kDivergedFactor * 0.5 * std::max(moments_.mean_squares, 1e-12);
    if (std::isfinite(result.loss) && result.loss <= limit) return;
    throw DivergedError(
        fmt::format("train: the loss must stay finite and below {:.3g}; got {:.3g} at step {} (epoch {}, "
                    "learning rate {:.3g}). "
                    "The last checkpoint stays. Try: --lr {:.3g} in a new run.",
                    limit, result.loss, state_.step + 1, state_.step / order_.steps_per_epoch() + 1,
                    state_.optimizer.learning_rate(), options_.optimizer.lr / 10));
  }

  void report(const StepResult& result) const {
    if (!hooks_.on_step) return;
    const double elapsed = seconds_since(run_start_);
    const auto done = static_cast<double>(state_.step - first_step_);
    hooks_.on_step({.epoch = state_.step / order_.steps_per_epoch(),
                    .epochs = options_.epochs,
                    .step = state_.step,
                    .steps = total_steps_,
                    .loss = result.loss,
                    .samples_per_second = done * static_cast<double>(batch_) / std::max(elapsed, 1e-9),
                    .remaining_seconds = static_cast<double>(total_steps_ - state_.step) * elapsed / done});
  }

  void end_epoch(MetricsFile& metrics) {
    const EpochStatistics& sums = state_.statistics;
    const auto samples = static_cast<double>(sums.samples);
    const double centred = moments_.centred_squares;
    Stage& stage = state_.stage();
    const double could_win =
        samples * static_cast<double>(stage.network.units() * most_winners_per_sample(stage.network));
    stage.summary = {.epochs = state_.step / order_.steps_per_epoch(),
                     .steps = state_.step,
                     .dead_units = sums.dead_units(),
                     .loss = sums.loss_sum / samples,
                     .explained_variance = centred > 0 ? 1 - sums.squared_error / centred : 0,
                     .active_fraction = static_cast<double>(sums.winners) / could_win};
    stage.usage = sums.wins;
    EpochMetrics line{.stage = stage_number(),
                      .epoch = stage.summary.epochs,
                      .step = state_.step,
                      .learning_rate = state_.optimizer.learning_rate(),
                      .loss = stage.summary.loss,
                      .explained_variance = stage.summary.explained_variance,
                      .active_fraction = stage.summary.active_fraction,
                      .dead_units = stage.summary.dead_units,
                      .samples_per_second = static_cast<double>(sums.samples - epoch_first_sample_) /
                                            std::max(seconds_since(epoch_start_), 1e-9)};
    if (monitor_) monitor_->measure(context_, stage.network, line);
    metrics.append(line);
    if (hooks_.on_epoch) hooks_.on_epoch(line);
    warn_when_all_are_dead(line);
    state_.statistics = EpochStatistics(stage.network.units());
    epoch_start_ = Clock::now();
    epoch_first_sample_ = 0;
  }

  void warn_when_all_are_dead(const EpochMetrics& line) {
    if (warned_ || !hooks_.on_warning || line.dead_units < state_.stage().network.units()) return;
    warned_ = true;
    hooks_.on_warning(fmt::format(
        "train: units must answer to some samples; got none of {} in epoch {}, so that nothing more "
        "is learned (learning rate {:.3g}). Try: --lr {:.3g} in a new run.",
        line.dead_units, line.epoch, options_.optimizer.lr, options_.optimizer.lr / 3));
  }

  // No model with a value that is not finite is ever saved.
  void save() {
    if (const auto name = parameter_not_finite(state_.stage().network)) {
      throw DivergedError(
          fmt::format("train: weights must stay finite; '{}' does not after step {}. The last checkpoint "
                      "stays. Try: --lr {:.3g} in a new run.",
                      *name, state_.step, options_.optimizer.lr / 10));
    }
    save_checkpoint(run_, state_);
    save_model(run_ / "model.safetensors", state_.model);
    last_save_ = Clock::now();
  }

  TrainOptions options_;
  Context context_;
  const Samples& samples_;
  std::filesystem::path run_;
  const TrainHooks& hooks_;
  std::int64_t batch_;
  BatchOrder order_;
  std::int64_t total_steps_;
  DataMoments moments_;
  TrainState state_;
  Dropout corruption_;  ///< of the inputs
  std::unique_ptr<TrainingStep> step_;
  UpdatingSink sink_;
  Tensor<float> x_;
  Tensor<float> corrupted_;
  std::optional<FreeEnergyMonitor> monitor_;  ///< of an RBM
  Clock::time_point last_save_, run_start_, epoch_start_;
  std::int64_t first_step_ = 0;
  std::int64_t epoch_first_sample_ = 0;
  bool warned_ = false;
};

}  // namespace

std::int64_t batch_size(const TrainOptions& options, std::int64_t samples) {
  if (samples < 1) throw DataError("train: training needs at least one sample; got 0. Try: another --data.");
  if (options.batch > samples) {
    throw InvalidArgument(
        fmt::format("batch: a mini-batch cannot be larger than the training data; got batch {}, {} samples. "
                    "Try: --batch {}.",
                    options.batch, samples, std::min<std::int64_t>(100, samples)));
  }
  return options.batch > 0 ? options.batch : std::min<std::int64_t>(100, samples);
}

TrainOutcome train(const Context& context, const TrainOptions& options, const Samples& samples,
                   const std::filesystem::path& run, bool resume, const TrainHooks& hooks, Model& model) {
  Stage& stage = model.top();
  if (samples.sample_shape() != stage.sample_shape) {
    throw DataError(
        fmt::format("train: samples must have the model's shape {}; got {}. Try: data of that shape.",
                    to_string(stage.sample_shape), to_string(samples.sample_shape())));
  }
  const TrainOptions resolved = resolve(options, samples.sample_size(), stage.network.convolutional());
  stage.options.merge(values_of(resolved, Effect::result));
  stage.data_fingerprint = samples.fingerprint();
  if (stage.network.kind == NetworkKind::pca) {
    return compute_model(context, resolved, samples, run, resume, hooks, model);
  }
  Training training(context, resolved, samples, run, hooks, model);
  const TrainOutcome outcome = training.run(resume);
  model = training.take_model();
  return outcome;
}

}  // namespace wta
