#pragma once
#include <span>

#include "wta/network.h"

namespace wta {

/// values = activation(values), in place.
void activate(Activation activation, std::span<float> values);
/// gradient *= derivative of the activation where its output is h.
void through_activation(Activation activation, std::span<const float> h, std::span<float> gradient);

}  // namespace wta
