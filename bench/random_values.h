#pragma once
/// Fixed pseudo-random data of the benchmarks.

#include <cstdint>
#include <utility>

#include "core/rng.h"
#include "wta/tensor.h"

namespace bench {

/// Uniform values in [low, 1); `stream` tells tensors apart.
inline wta::Tensor<float> random_tensor(wta::Shape shape, float low, std::uint32_t stream) {
  wta::Tensor<float> tensor(std::move(shape));
  const wta::Rng rng(1, wta::Purpose::validation, stream);
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    tensor[i] = low + (1 - low) * rng.uniform(static_cast<std::uint64_t>(i));
  }
  return tensor;
}

}  // namespace bench
