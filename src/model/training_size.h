#pragma once
#include <cstdint>

#include "wta/model.h"

namespace wta {

/// How many floats a training takes, before any of them is there.
struct TrainingSize {
  double parameters = 0;         ///< of the stage
  double prepared = 0;           ///< other forms of the weights, and what preparations are fitted with
  double per_sample = 0;         ///< of a mini-batch: what the layers read, gradients of that, and winners
  double per_thread = 0;         ///< scratch of each thread
  double per_thread_sample = 0;  ///< the same, for each sample of a mini-batch
};

/// `options` resolved for the samples.
[[nodiscard]] TrainingSize training_size(const ModelOptions& options, const Shape& sample_shape);

}  // namespace wta
