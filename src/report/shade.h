#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace wta {

/// 0..255 from 0..1, rounded.
[[nodiscard]] inline std::uint8_t shade(float unit) {
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(unit, 0.0F, 1.0F)));
}

}  // namespace wta
