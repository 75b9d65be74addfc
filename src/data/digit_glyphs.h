#pragma once
/// The skeletons of the built-in digits: how a pen moves, before style and noise.

#include <cstdint>
#include <span>

namespace wta {

/// A point of a skeleton: x to the right, y down, both in 0..100 of the digit's box.
struct GlyphPoint {
  std::int8_t x;
  std::int8_t y;
};

/// One movement of the pen: a smooth curve through the points. A point given twice is a corner.
using GlyphStroke = std::span<const GlyphPoint>;

/// One way to write a digit.
struct Glyph {
  std::span<const GlyphStroke> strokes;
  std::int32_t weight;  ///< how often, relative to the digit's other glyphs
};

/// The ways to write `digit` (0..9).
[[nodiscard]] std::span<const Glyph> glyphs_of(int digit);

}  // namespace wta
