#pragma once
#include <cstdint>

#include "wta/optimizer.h"

namespace wta {

/// Learning rate of a step in [0, total_steps). Rises linearly over the warm-up, then follows the schedule:
/// constant; step (divided by 10 after 60% and again after 85% of the remaining steps); cosine (half a
/// period from lr down to final_lr_fraction * lr).
[[nodiscard]] double learning_rate_at(const OptimizerOptions& options, std::int64_t step,
                                      std::int64_t total_steps);

}  // namespace wta
