#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace wta {

/// Which samples each step sees: every epoch its own seeded permutation, cut into batches; the last batch of
/// an epoch may be smaller. A function of (samples, batch, seed, step): resuming needs the step number only.
class BatchOrder {
 public:
  BatchOrder(std::int64_t samples, std::int64_t batch, std::uint64_t seed);

  [[nodiscard]] std::int64_t steps_per_epoch() const { return (samples_ + batch_ - 1) / batch_; }
  /// Sample numbers of a step; valid until the next call.
  [[nodiscard]] std::span<const std::int64_t> batch_of(std::int64_t step);

 private:
  std::int64_t samples_;
  std::int64_t batch_;
  std::uint64_t seed_;
  std::int64_t epoch_ = -1;
  std::vector<std::int64_t> order_;
};

}  // namespace wta
