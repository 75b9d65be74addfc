#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "io/safetensors.h"
#include "train/learner.h"
#include "wta/error.h"
#include "wta/trainer.h"

namespace wta {
namespace {

constexpr std::int64_t kBatch = 100;

// No end is known: the rate stays where it is, whatever the schedule.
TrainOptions without_end(const TrainOptions& options, const Autoencoder& network) {
  TrainOptions resolved = resolve(options, network.inputs(), network.convolutional());
  if (resolved.batch == 0) resolved.batch = kBatch;
  resolved.optimizer.schedule = "constant";
  resolved.optimizer.warmup_fraction = 0;
  return resolved;
}

Model with_options(Model model, const TrainOptions& options) {
  for (auto& [name, value] : values_of(options, Effect::result)) {
    model.top().options.insert_or_assign(name, value);
  }
  return model;
}

void require_trainable(const Model& model) {
  if (model.top().network.kind != NetworkKind::pca) return;
  throw InvalidArgument(
      "train: principal components are computed from all samples at once; got batches. Try: train() with all "
      "samples.");
}

// One chain per sample of a batch, from the first samples, again from the first where there are fewer.
Tensor<float> first_chains(const Samples& samples, std::int64_t chains) {
  Tensor<float> start({chains, samples.sample_size()});
  std::vector<std::int64_t> indices(static_cast<std::size_t>(chains));
  for (std::int64_t c = 0; c < chains; ++c) indices[static_cast<std::size_t>(c)] = c % samples.count();
  samples.gather(indices, start.matrix());
  return start;
}

void begin(Learner& learner, const Samples& samples, const DataMoments& moments, std::int64_t batch) {
  if (learner.stage().summary.steps == 0) centre_on(learner.stage().network, moments.mean);
  if (learner.stage().network.divergence.persistent) learner.state().chains = first_chains(samples, batch);
}

}  // namespace

struct OnlineTrainer::State {
  State(const Context& context, const TrainOptions& train_options, Model start)
      : options(without_end(train_options, start.top().network)),
        learner(context, options, with_options(std::move(start), options), options.batch) {}

  TrainOptions options;
  Learner learner;
};

OnlineTrainer::OnlineTrainer(const Context& context, const TrainOptions& options, Model start) {
  require_trainable(start);
  state_ = std::make_unique<State>(context, options, std::move(start));
}

OnlineTrainer::OnlineTrainer(const Context& context, const TrainOptions& options,
                             std::span<const std::byte> bytes) {
  const std::string where = "trainer state";
  const TensorFile file = from_safetensors_bytes(bytes, where);
  state_ = std::make_unique<State>(context, options, model_from_bytes(bytes, where));
  TrainState& state = state_->learner.state();
  if (state.stage().network.divergence.persistent) {
    state.chains = Tensor<float>({state_->options.batch, state.stage().network.inputs()});
  }
  restore(file, where, state);
}

OnlineTrainer::OnlineTrainer(OnlineTrainer&&) noexcept = default;
OnlineTrainer& OnlineTrainer::operator=(OnlineTrainer&&) noexcept = default;
OnlineTrainer::~OnlineTrainer() = default;

EpochMetrics OnlineTrainer::learn(const Samples& samples, const TrainHooks& hooks) {
  using Clock = std::chrono::steady_clock;
  Learner& learner = state_->learner;
  if (samples.count() < 1) throw DataError("train: a batch needs at least one sample; got 0.");
  const DataMoments moments = measure_moments(samples);
  require_probabilities(learner.stage().network, moments);
  learner.set_scale(moments);
  const std::int64_t batch = state_->options.batch;
  if (learner.state().step == 0) begin(learner, samples, moments, batch);
  const std::int64_t steps = (samples.count() + batch - 1) / batch;
  const Clock::time_point start = Clock::now();
  for (std::int64_t step = 0; step < steps; ++step) {
    if (hooks.stop != nullptr && hooks.stop->load() != 0) break;
    const MatrixView<float> x = learner.room(std::min(batch, samples.count() - step * batch));
    samples.read(step * batch, x);
    const StepResult result = learner.step(x, {.total_steps = std::numeric_limits<std::int64_t>::max()});
    if (hooks.on_step) hooks.on_step({.epochs = 1, .step = step + 1, .steps = steps, .loss = result.loss});
  }
  learner.require_finite();
  if (learner.state().statistics.samples == 0) return {};  // stopped before the first step
  const auto seen = static_cast<double>(learner.state().statistics.samples);
  EpochMetrics metrics = learner.end_epoch(learner.stage().summary.epochs + 1, moments);
  metrics.samples_per_second =
      seen / std::max(std::chrono::duration<double>(Clock::now() - start).count(), 1e-9);
  if (hooks.on_epoch) hooks.on_epoch(metrics);
  return metrics;
}

const Model& OnlineTrainer::model() const {
  return state_->learner.state().model;
}

std::vector<std::byte> OnlineTrainer::to_bytes() const {
  return to_safetensors_bytes(to_tensor_file(state_->learner.state()));
}

}  // namespace wta
