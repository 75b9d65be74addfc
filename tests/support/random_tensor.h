#pragma once
#include <cstdint>

#include "core/rng.h"
#include "wta/tensor.h"

namespace wta::testing_support {

/// Uniform values in [0, 1); other streams and seeds give other values.
inline Tensor<float> random_tensor(const Shape& shape, std::uint64_t stream, std::uint64_t seed = 5) {
  Tensor<float> x(shape);
  const Rng rng(seed, Purpose::validation, stream);
  for (std::int64_t i = 0; i < x.size(); ++i) x[i] = rng.uniform(static_cast<std::uint64_t>(i));
  return x;
}

}  // namespace wta::testing_support
