#pragma once

namespace wta {

/// Added to a sample's variance before it is divided by: 10 on the scale 0..255 keeps the noise of nearly
/// flat images small.
inline constexpr double kVarianceOffset = 10.0 / (255.0 * 255.0);

}  // namespace wta
