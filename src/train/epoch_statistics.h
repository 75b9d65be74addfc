#pragma once
/// What an epoch measured so far, and the per-unit thresholds that live along with it.

#include <cstdint>
#include <vector>

#include "model/training_step.h"
#include "wta/dataset.h"
#include "wta/model.h"

namespace wta {

/// Sums over the steps of the current epoch. Part of a checkpoint.
struct EpochStatistics {
  double loss_sum = 0;  ///< loss x samples
  double squared_error = 0;
  std::int64_t samples = 0;
  std::int64_t winners = 0;
  std::vector<std::int64_t> wins;  ///< [units]

  explicit EpochStatistics(std::int64_t units) : wins(static_cast<std::size_t>(units)) {}
  void add(const StepResult& result, const UnitActivity& activity, std::int64_t samples_of_step);
  /// Units without a winner so far.
  [[nodiscard]] std::int64_t dead_units() const;
};

/// First two moments of the data: where training starts, and the yardstick of its metrics.
struct DataMoments {
  std::vector<double> mean;    ///< [inputs]
  double centred_squares = 0;  ///< sum over samples of |x - mean|^2
  double mean_squares = 0;     ///< mean over samples of |x|^2
  float lowest = 0;            ///< values
  float highest = 0;
  bool samples_differ = false;  ///< some sample is not like the first
};
/// One pass over the data in fixed blocks; sums in double.
[[nodiscard]] DataMoments measure_moments(const Samples& samples);

/// Running mean of each unit's smallest winner: the average of the first 100 batches in which the unit won,
/// exponential with that horizon afterwards. `updates` [units] counts batches with a winner, up to the
/// horizon. Ours, not the paper's: codes above their threshold decode as well as competing ones
/// (docs/math.md).
void update_thresholds(const UnitActivity& activity, std::vector<std::int64_t>& updates,
                       Tensor<float>& thresholds);

}  // namespace wta
