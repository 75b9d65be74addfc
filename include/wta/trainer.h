#pragma once
/// Training: batches in a seeded order, one winner-sparse step each, checkpoints that resume bit for bit.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "wta/context.h"
#include "wta/dataset.h"
#include "wta/model.h"
#include "wta/optimizer.h"
#include "wta/options.h"

namespace wta {

/// How long and how to train. All of these decide the numbers, except checkpoint_seconds.
struct TrainOptions {
  std::int64_t epochs = 0;  ///< 0: 100 for fc, 10 for conv
  std::int64_t batch = 0;   ///< 0: min(100, samples)
  std::int64_t seed = 1;
  OptimizerOptions optimizer;
  double checkpoint_seconds = 60;
  void visit_options(OptionVisitor& visitor);
};

/// The options with epochs and learning rate that suit the network where they are 0. inputs: values of a
/// sample.
[[nodiscard]] TrainOptions resolve(TrainOptions options, std::int64_t inputs, bool convolutional);

/// Samples per step on a set of `samples`. Throws InvalidArgument when the batch is larger than the set,
/// DataError when the set is empty.
[[nodiscard]] std::int64_t batch_size(const TrainOptions& options, std::int64_t samples);

/// Where training stands; passed to the observer after every step.
struct TrainProgress {
  std::int64_t epoch = 0;  ///< complete ones
  std::int64_t epochs = 0;
  std::int64_t step = 0;  ///< complete ones
  std::int64_t steps = 0;
  double loss = 0;  ///< of this step
  double samples_per_second = 0;
  double remaining_seconds = 0;
};

/// One complete epoch, also a line of metrics.jsonl.
struct EpochMetrics {
  std::int64_t stage = 1;  ///< of a stack, counted from 1
  std::int64_t epoch = 0;
  std::int64_t step = 0;
  double learning_rate = 0;
  double loss = 0;
  double explained_variance = 0;  ///< in training, with competition
  double active_fraction = 0;
  std::int64_t dead_units = 0;
  double samples_per_second = 0;
  std::optional<double> free_energy;           ///< of an RBM, mean over the first 1,000 training samples
  std::optional<double> held_out_free_energy;  ///< the same of samples that it does not learn from
};

/// Who watches, and who may stop. All may be empty.
struct TrainHooks {
  std::function<void(const TrainProgress&)> on_step;
  std::function<void(const EpochMetrics&)> on_epoch;
  std::function<void(const std::string&)> on_warning;
  const Samples* held_out = nullptr;  ///< watched beside the training samples, never learned from
  /// Set from elsewhere (a signal handler, say): training saves a checkpoint after the current step and ends.
  const std::atomic<int>* stop = nullptr;
};

enum class TrainOutcome { finished, stopped };

/// Trains the top stage of `model` (fresh, from make_stage) on `samples`, the codes of the stages below if
/// there are any, in the folder `run`, which holds checkpoints/, metrics.jsonl and model.safetensors. With
/// `resume` it continues from the newest whole checkpoint there. Returns the trained model in `model`. Throws
/// InvalidArgument (batch larger than the data; options that differ from the checkpoint's), DataError,
/// IoError, DivergedError (names the step; the last good checkpoint stays).
TrainOutcome train(const Context& context, const TrainOptions& options, const Samples& samples,
                   const std::filesystem::path& run, bool resume, const TrainHooks& hooks, Model& model);
/// The same in memory: nothing is written. After a stop the model is what had been learned by then.
TrainOutcome train(const Context& context, const TrainOptions& options, const Samples& samples,
                   const TrainHooks& hooks, Model& model);

/// Learns from samples as they come, where neither their number nor an end is known. The learning rate stays
/// at `lr` and k of a k-sparse autoencoder at its last value; `epochs` and `schedule` are not used.
class OnlineTrainer {
 public:
  /// `start` is fresh (from make_stage) or trained; its top stage learns on. Throws InvalidArgument for
  /// principal components.
  OnlineTrainer(const Context& context, const TrainOptions& options, Model start);
  /// Goes on from to_bytes(), bit for bit, with the same options. Throws DataError, InvalidArgument.
  OnlineTrainer(const Context& context, const TrainOptions& options, std::span<const std::byte> bytes);
  OnlineTrainer(OnlineTrainer&&) noexcept;
  OnlineTrainer& operator=(OnlineTrainer&&) noexcept;
  ~OnlineTrainer();

  /// One step per mini-batch of `samples`, in their order; a fresh model first starts at their mean. Returns
  /// what these steps measured; `epoch` counts calls. Throws DataError, DivergedError.
  EpochMetrics learn(const Samples& samples, const TrainHooks& hooks = {});
  [[nodiscard]] const Model& model() const;
  /// Model, optimiser and position.
  [[nodiscard]] std::vector<std::byte> to_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wta
