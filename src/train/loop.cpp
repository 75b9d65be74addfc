#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "data/batches.h"
#include "train/closed_form.h"
#include "train/free_energy_monitor.h"
#include "train/learner.h"
#include "train/run_store.h"
#include "wta/error.h"
#include "wta/trainer.h"

namespace wta {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The loop's parts, tied together for one call of train().
class Training {
 public:
  Training(const Context& context, const TrainOptions& options, const Samples& samples, RunStore& store,
           const TrainHooks& hooks, Model& model)
      : options_(options),
        samples_(samples),
        store_(store),
        hooks_(hooks),
        batch_(batch_size(options, samples.count())),
        order_(samples.count(), batch_, static_cast<std::uint64_t>(options.seed)),
        total_steps_(options_.epochs * order_.steps_per_epoch()),
        moments_(measure_moments(samples)),
        learner_(context, options, std::move(model), batch_) {
    if (learner_.stage().network.rbm()) monitor_.emplace(samples, hooks.held_out);
  }

  TrainOutcome run() {
    start();
    restart_clocks();
    while (state().step < total_steps_) {
      if (hooks_.stop != nullptr && hooks_.stop->load() != 0) {
        save();
        return TrainOutcome::stopped;
      }
      take_step();
      if (state().step % order_.steps_per_epoch() == 0) end_epoch();
      if (seconds_since(last_save_) >= options_.checkpoint_seconds) save();
    }
    save();
    return TrainOutcome::finished;
  }

  Model take_model() { return std::move(state().model); }

 private:
  [[nodiscard]] TrainState& state() { return learner_.state(); }
  [[nodiscard]] const TrainState& state() const { return learner_.state(); }

  void start() {
    require_probabilities(learner_.stage().network, moments_);
    warn_when_samples_are_the_same();
    start_chains();
    learner_.set_scale(moments_);
    if (store_.begin(state())) return;
    centre_on(learner_.stage().network, moments_.mean);
    save();
  }

  void start_chains() {
    if (!learner_.stage().network.divergence.persistent) return;
    state().chains = Tensor<float>({batch_, samples_.sample_size()});
    samples_.read(0, state().chains.matrix());
  }

  void restart_clocks() {
    last_save_ = run_start_ = epoch_start_ = Clock::now();
    first_step_ = state().step;
    epoch_first_sample_ = state().statistics.samples;
  }

  void take_step() {
    const std::span<const std::int64_t> indices = order_.batch_of(state().step);
    const MatrixView<float> x = learner_.room(static_cast<std::int64_t>(indices.size()));
    samples_.gather(indices, x);
    const std::int64_t epoch = state().step / order_.steps_per_epoch();
    const double progress = static_cast<double>(epoch) / static_cast<double>(options_.epochs);
    report(learner_.step(x, {.epoch = epoch, .total_steps = total_steps_, .progress = progress}));
  }

  void report(const StepResult& result) const {
    if (!hooks_.on_step) return;
    const double elapsed = seconds_since(run_start_);
    const auto done = static_cast<double>(state().step - first_step_);
    hooks_.on_step({.epoch = state().step / order_.steps_per_epoch(),
                    .epochs = options_.epochs,
                    .step = state().step,
                    .steps = total_steps_,
                    .loss = result.loss,
                    .samples_per_second = done * static_cast<double>(batch_) / std::max(elapsed, 1e-9),
                    .remaining_seconds = static_cast<double>(total_steps_ - state().step) * elapsed / done});
  }

  void end_epoch() {
    const std::int64_t seen = state().statistics.samples - epoch_first_sample_;
    EpochMetrics line = learner_.end_epoch(state().step / order_.steps_per_epoch(), moments_);
    line.samples_per_second = static_cast<double>(seen) / std::max(seconds_since(epoch_start_), 1e-9);
    if (monitor_) monitor_->measure(learner_.context(), learner_.stage().network, line);
    store_.append(line, state().model);
    if (hooks_.on_epoch) hooks_.on_epoch(line);
    warn_when_all_are_dead(line);
    epoch_start_ = Clock::now();
    epoch_first_sample_ = 0;
  }

  void warn_when_samples_are_the_same() {
    if (moments_.samples_differ || samples_.count() < 2 || !hooks_.on_warning) return;
    warned_ = true;
    hooks_.on_warning(fmt::format(
        "train: samples must differ for anything to be learned; all {} are the same. Try: other data, or "
        "another --preprocess.",
        samples_.count()));
  }

  void warn_when_all_are_dead(const EpochMetrics& line) {
    if (warned_ || !hooks_.on_warning || line.dead_units < learner_.stage().network.units()) return;
    warned_ = true;
    hooks_.on_warning(fmt::format(
        "train: units must answer to some samples; got none of {} in epoch {}, so that nothing more "
        "is learned (learning rate {:.3g}). Try: --lr {:.3g} in a new run.",
        line.dead_units, line.epoch, options_.optimizer.lr, options_.optimizer.lr / 3));
  }

  void save() {
    learner_.require_finite();
    store_.save(state());
    last_save_ = Clock::now();
  }

  TrainOptions options_;
  const Samples& samples_;
  RunStore& store_;
  const TrainHooks& hooks_;
  std::int64_t batch_;
  BatchOrder order_;
  std::int64_t total_steps_;
  DataMoments moments_;
  Learner learner_;
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
                   RunStore& store, const TrainHooks& hooks, Model& model) {
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
    return compute_model(context, resolved, samples, store, hooks, model);
  }
  Training training(context, resolved, samples, store, hooks, model);
  const TrainOutcome outcome = training.run();
  model = training.take_model();
  return outcome;
}

TrainOutcome train(const Context& context, const TrainOptions& options, const Samples& samples,
                   const std::filesystem::path& run, bool resume, const TrainHooks& hooks, Model& model) {
  const FileLock lock = lock_run(run, hooks.on_warning);
  FolderStore store(run, resume, hooks.on_warning);
  return train(context, options, samples, store, hooks, model);
}

TrainOutcome train(const Context& context, const TrainOptions& options, const Samples& samples,
                   const TrainHooks& hooks, Model& model) {
  MemoryStore store;
  return train(context, options, samples, store, hooks, model);
}

}  // namespace wta
