#pragma once
/// The sparsity penalty of a unit: weight * KL(target || mean activation over the batch), of Bernoulli
/// variables.
///
///   KL = target log(target / mean) + (1 - target) log((1 - target) / (1 - mean))

#include <algorithm>
#include <cmath>

#include "wta/network.h"

namespace wta {

/// A mean of exactly 0 or 1 has no finite penalty: it counts as this far from it.
inline constexpr double kClosestMean = 1e-6;

[[nodiscard]] inline double penalty_of(const KlPenalty& penalty, double mean) {
  const double m = std::clamp(mean, kClosestMean, 1 - kClosestMean);
  const double t = penalty.target;
  return penalty.weight * (t * std::log(t / m) + (1 - t) * std::log((1 - t) / (1 - m)));
}

/// Derivative of penalty_of by the mean.
[[nodiscard]] inline double penalty_slope(const KlPenalty& penalty, double mean) {
  const double m = std::clamp(mean, kClosestMean, 1 - kClosestMean);
  return penalty.weight * ((1 - penalty.target) / (1 - m) - penalty.target / m);
}

}  // namespace wta
