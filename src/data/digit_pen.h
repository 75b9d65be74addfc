#pragma once
/// Draws one built-in digit. The pixels are the same on every machine: float + - x / only, in an order
/// that no compiler may change (the file is compiled without fused multiply-add).

#include <array>
#include <cstdint>
#include <span>

namespace wta {

inline constexpr std::int64_t kDigitSide = 28;
/// Part of the set's definition, like the skeletons.
inline constexpr std::uint64_t kDigitsSeed = 20150209;
inline constexpr std::int64_t kDigitPixels = kDigitSide * kDigitSide;

/// Writes picture number `image` of `digit` (0..9): ink 0 (none) .. 255. The style comes from `image` alone.
void draw_digit(int digit, std::uint64_t image, std::span<std::uint8_t, kDigitPixels> pixels);

}  // namespace wta
