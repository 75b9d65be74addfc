#pragma once
#include <cmath>
#include <cstdint>

#include "core/rng.h"
#include "wta/dataset.h"

namespace wta::testing_support {

/// `count` samples of `size` values: sums of a few of eight fixed bumps, so that there is something to learn.
inline Samples small_data(std::int64_t count = 230, std::int64_t size = 36) {
  Tensor<float> values({count, size});
  const Rng rng(9, Purpose::validation);
  for (std::int64_t n = 0; n < count; ++n) {
    for (std::int64_t bump = 0; bump < 8; ++bump) {
      const float height = rng.uniform(static_cast<std::uint64_t>(n * 8 + bump));
      if (height < 0.7F) continue;
      for (std::int64_t d = 0; d < size; ++d) {
        const auto distance = static_cast<float>(d - bump * size / 8);
        values[n * size + d] += height * std::exp(-0.2F * distance * distance);
      }
    }
  }
  return Samples(std::move(values));
}

}  // namespace wta::testing_support
