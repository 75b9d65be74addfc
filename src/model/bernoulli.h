#pragma once
/// Zeros and ones at random.

#include <cstdint>
#include <span>

#include "core/rng.h"

namespace wta {

/// A draw is a function of (seed, purpose, step, its place in the array) and of its probability alone, so
/// that threads, tiles and resuming change nothing.
class Bernoulli {
 public:
  Bernoulli(std::uint64_t seed, Purpose purpose) : seed_(seed), purpose_(purpose) {}

  /// out[i], at place first + i of its array, becomes 1 with probability[i], else 0.
  void draw(std::uint64_t step, std::int64_t first, std::span<const float> probability,
            std::span<float> out) const;

 private:
  std::uint64_t seed_;
  Purpose purpose_;
};

}  // namespace wta
