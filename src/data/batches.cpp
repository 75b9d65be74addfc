#include "data/batches.h"

#include <algorithm>

#include "core/rng.h"

namespace wta {

BatchOrder::BatchOrder(std::int64_t samples, std::int64_t batch, std::uint64_t seed)
    : samples_(samples), batch_(batch), seed_(seed), order_(static_cast<std::size_t>(samples)) {}

std::span<const std::int64_t> BatchOrder::batch_of(std::int64_t step) {
  const std::int64_t epoch = step / steps_per_epoch();
  if (epoch != epoch_) {
    Rng(seed_, Purpose::shuffle, static_cast<std::uint64_t>(epoch)).permutation(order_);
    epoch_ = epoch;
  }
  const std::int64_t begin = (step % steps_per_epoch()) * batch_;
  const std::int64_t size = std::min(batch_, samples_ - begin);
  return std::span<const std::int64_t>(order_).subspan(static_cast<std::size_t>(begin),
                                                       static_cast<std::size_t>(size));
}

}  // namespace wta
