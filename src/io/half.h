#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

namespace wta {

/// The value of 16 bits as IEEE 754 binary16 ("F16").
[[nodiscard]] inline float from_half(std::uint16_t bits) {
  const float sign = bits & 0x8000U ? -1.0F : 1.0F;
  const int exponent = bits >> 10 & 0x1f;
  const auto fraction = static_cast<float>(bits & 0x3ffU);
  if (exponent == 0x1f) return fraction == 0 ? sign * HUGE_VALF : std::nanf("");
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

/// The value of 16 bits as the upper half of a float ("BF16").
[[nodiscard]] inline float from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace wta
