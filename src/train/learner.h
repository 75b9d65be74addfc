#pragma once
/// A stage that learns mini-batch by mini-batch: one step, whoever decides which samples it sees.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/dropout.h"
#include "model/training_step.h"
#include "train/checkpoint.h"
#include "train/epoch_statistics.h"
#include "wta/trainer.h"

namespace wta {

/// Where a step stands in its training.
struct Moment {
  std::int64_t epoch = 0;        ///< complete ones, for messages
  std::int64_t total_steps = 1;  ///< what the schedule of the learning rate runs over
  double progress = 1;           ///< complete epochs / all epochs
};

class Learner {
 public:
  /// The top stage of `start` learns, in batches of at most `largest_batch` samples. options: resolved.
  Learner(const Context& context, const TrainOptions& options, Model start, std::int64_t largest_batch);

  /// What a loss may be: far above that of an empty reconstruction it never comes back. To be called before
  /// the first step.
  void set_scale(const DataMoments& moments) { mean_squares_ = moments.mean_squares; }
  /// Room for the samples of the next step, [samples, D].
  [[nodiscard]] MatrixView<float> room(std::int64_t samples) { return x_.matrix().row_range(0, samples); }
  /// One step on what was written to room(). Throws DivergedError.
  StepResult step(MatrixView<float> x, const Moment& moment);
  /// What the steps since the last call measured, without times: also the stage's summary and usage.
  /// epoch: the number of complete ones. moments: of the samples of those steps.
  EpochMetrics end_epoch(std::int64_t epoch, const DataMoments& moments);
  /// No model with a value that is not finite is ever kept. Throws DivergedError.
  void require_finite();

  [[nodiscard]] TrainState& state() { return state_; }
  [[nodiscard]] const TrainState& state() const { return state_; }
  [[nodiscard]] Stage& stage() { return state_.stage(); }
  [[nodiscard]] const Stage& stage() const { return state_.stage(); }
  [[nodiscard]] const Context& context() const { return context_; }
  [[nodiscard]] std::int64_t stage_number() const {
    return static_cast<std::int64_t>(state_.model.stages.size());
  }

 private:
  [[nodiscard]] Batch corrupt(ConstMatrixView<float> x, double progress);
  void require_sane(const StepResult& result, const Moment& moment) const;
  [[nodiscard]] std::optional<std::string> not_finite();

  TrainOptions options_;
  Context context_;
  TrainState state_;
  Dropout corruption_;  ///< of the inputs
  std::unique_ptr<TrainingStep> step_;
  UpdatingSink sink_;
  Tensor<float> x_;
  Tensor<float> corrupted_;
  double mean_squares_ = 1;
};

/// Throws DataError when an RBM cannot read the values as probabilities.
void require_probabilities(const Autoencoder& network, const DataMoments& moments);

}  // namespace wta
