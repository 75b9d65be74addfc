#pragma once
/// Dropout: training sets values of an array to 0 at random.

#include <cstdint>
#include <span>

#include "core/rng.h"

namespace wta {

/// Whether a value is dropped is a function of (seed, purpose, step, its place in the array) alone, so that
/// threads, tiles and resuming change nothing.
class Dropout {
 public:
  /// fraction: the probability of each value to be dropped, in [0, 1); 0: nothing ever is.
  Dropout(double fraction, std::uint64_t seed, Purpose purpose)
      : fraction_(fraction), seed_(seed), purpose_(purpose) {}

  [[nodiscard]] bool active() const { return fraction_ > 0; }
  /// 1 / (1 - fraction): survivors scaled by it have the expectation of the whole.
  [[nodiscard]] float gain() const { return static_cast<float>(1 / (1 - fraction_)); }
  /// values[i], at place first + i of its array, becomes 0 or factor * values[i].
  void drop(std::int64_t step, std::int64_t first, std::span<float> values, float factor = 1) const;

 private:
  double fraction_;
  std::uint64_t seed_;
  Purpose purpose_;
};

}  // namespace wta
