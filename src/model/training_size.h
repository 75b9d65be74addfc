#pragma once
#include <cstdint>

#include "wta/model.h"

namespace wta {

/// How many floats a training takes, before any of them is there.
struct TrainingSize {
  std::int64_t parameters = 0;  ///< of the stage
  std::int64_t per_sample = 0;  ///< of a mini-batch: what the layers read, gradients of that, and winners
};

/// `options` resolved for the samples.
[[nodiscard]] TrainingSize training_size(const ModelOptions& options, const Shape& sample_shape);

}  // namespace wta
