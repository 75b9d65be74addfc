#pragma once
#include <span>

#include "wta/network.h"

namespace wta {

/// out [D] = decoder bias + sum of code * atom over the units of an fc network whose code lies above their
/// threshold; of an RBM the probabilities. code: [units].
void decode_above_thresholds(const Autoencoder& network, std::span<const float> code, std::span<float> out);

/// Whether a code is decoded at all: codes of linear units count whatever their sign, those of k-sparse
/// networks because they are among the k largest.
[[nodiscard]] bool decodes(const Autoencoder& network, std::int64_t unit, float code);

}  // namespace wta
