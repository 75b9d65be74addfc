#include "data/digit_pen.h"

#include <algorithm>
#include <cstddef>

#include "core/rng.h"
#include "data/digit_glyphs.h"

namespace wta {
namespace {

constexpr int kPiecesPerCurve = 4;
constexpr std::size_t kMaxStrokePoints = 16;

struct Point {
  float x = 0;
  float y = 0;
};

/// Random draws of one picture, one after the other.
class Draws {
 public:
  explicit Draws(std::uint64_t image) : rng_(kDigitsSeed, Purpose::built_in_digits, image) {}

  std::uint32_t bits() { return rng_.bits(next_++); }
  /// Uniform in [low, high).
  float between(float low, float high) { return low + (high - low) * rng_.uniform(next_++); }
  std::int64_t below(std::int64_t bound) { return rng_.below(next_++, bound); }
  /// Bell-shaped with this standard deviation, at most 3.45 of them: the sum of four bytes.
  float bell(float deviation) {
    const std::uint32_t b = bits();
    const std::uint32_t sum = (b & 255U) + (b >> 8 & 255U) + (b >> 16 & 255U) + (b >> 24);
    return deviation * (static_cast<float>(static_cast<int>(sum) - 510) * (1.0F / 148.0F));
  }

 private:
  Rng rng_;
  std::uint64_t next_ = 0;
};

/// How one writer forms this picture. Lengths are in pixels, u and v in -1..1 of the digit's box.
struct Style {
  float jitter;      ///< deviation of skeleton points, in the box
  float half_width;  ///< of the pen
  float taper;       ///< change of the half width from a stroke's start to its end
  float ink;         ///< darkest value, 0..255
  float grain;       ///< deviation of the ink, a fraction
  Point centre;
  Point bend_x[3];  ///< coefficients of the warp: x of u v, v v and v v v; the same for y
  Point bend_y[3];
  Point axis_u;  ///< where the box's axes go
  Point axis_v;
};

Style draw_style(Draws& draws) {
  Style s{};
  s.jitter = draws.between(0.02F, 0.075F);
  s.half_width = draws.between(0.75F, 1.9F);
  s.taper = draws.bell(0.12F);
  s.ink = draws.between(190, 255);
  s.grain = draws.between(0.02F, 0.14F);
  s.centre = {13.5F + draws.bell(1.0F), 13.5F + draws.bell(0.9F)};
  const float height = draws.between(7.6F, 10.2F);
  const float width = height * draws.between(0.45F, 1.0F);
  const float slant = draws.bell(0.30F) - 0.10F;
  const float turn = draws.bell(0.11F);
  // A small turn without sine: columns (1, t) and (-t, 1).
  s.axis_u = {width, width * turn};
  s.axis_v = {height * slant - height * turn, height};
  for (Point* bend : {s.bend_x, s.bend_y}) {
    for (int i = 0; i < 3; ++i) bend[i] = {draws.bell(0.145F), draws.bell(0.10F)};
  }
  return s;
}

/// A skeleton point in pixels.
Point place(const Style& s, Point p) {
  const float u = p.x;
  const float v = p.y;
  const float bent_u =
      u + s.bend_x[0].x * (u * v) + s.bend_x[1].x * (v * v - 0.4F) + s.bend_x[2].x * (v * v * v - 0.6F * v);
  const float bent_v =
      v + s.bend_y[0].y * (u * v) + s.bend_y[1].y * (u * u - 0.4F) + s.bend_y[2].y * 2 * (v * v - 0.4F);
  return {s.centre.x + s.axis_u.x * bent_u + s.axis_v.x * bent_v,
          s.centre.y + s.axis_u.y * bent_u + s.axis_v.y * bent_v};
}

/// Ink of one picture while it is drawn.
class Canvas {
 public:
  /// A straight piece of stroke: full inside the half width, falling off over one pixel around it.
  void add_segment(Point a, Point b, float half_width) {
    const float reach = half_width + 0.5F;
    const auto [x0, x1] = pixel_range(std::min(a.x, b.x) - reach, std::max(a.x, b.x) + reach);
    const auto [y0, y1] = pixel_range(std::min(a.y, b.y) - reach, std::max(a.y, b.y) + reach);
    const Point d = {b.x - a.x, b.y - a.y};
    const float length2 = d.x * d.x + d.y * d.y;
    const float per_length2 = length2 > 0 ? 1.0F / length2 : 0.0F;
    const float width2 = half_width * half_width;
    const float per_width = 0.5F / half_width;
    for (int y = y0; y <= y1; ++y) {
      for (int x = x0; x <= x1; ++x) {
        const Point p = {static_cast<float>(x) - a.x, static_cast<float>(y) - a.y};
        const float t = std::clamp((p.x * d.x + p.y * d.y) * per_length2, 0.0F, 1.0F);
        const Point away = {p.x - t * d.x, p.y - t * d.y};
        // (w w - r r) / 2 w is w - r to first order at the edge: no square root.
        const float cover = 0.5F + (width2 - (away.x * away.x + away.y * away.y)) * per_width;
        float& ink = ink_[static_cast<std::size_t>(y * kDigitSide + x)];
        ink = std::max(ink, std::min(cover, 1.0F));
      }
    }
  }

  /// Pixels with the grain of the paper.
  void develop(const Style& s, Draws& draws, std::span<std::uint8_t, kDigitPixels> pixels) const {
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      if (ink_[i] <= 0) {
        pixels[i] = 0;
        continue;
      }
      const float value = s.ink * (ink_[i] * (1.0F + draws.bell(s.grain)));
      pixels[i] = static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F));
    }
  }

 private:
  struct Range {
    int first;
    int last;
  };
  static Range pixel_range(float low, float high) {
    constexpr float kLast = static_cast<float>(kDigitSide - 1);
    return {static_cast<int>(std::clamp(low, 0.0F, kLast)),
            static_cast<int>(std::clamp(high + 1.0F, 0.0F, kLast))};
  }
  std::array<float, kDigitPixels> ink_{};
};

/// The point at `t` of the Catmull-Rom curve from b to c.
Point on_curve(Point a, Point b, Point c, Point d, float t) {
  const auto blend = [t](float p, float q, float r, float s) {
    const float quadratic = 2 * p - 5 * q + 4 * r - s;
    const float cubic = 3 * q - p - 3 * r + s;
    return q + 0.5F * t * ((r - p) + t * (quadratic + t * cubic));
  };
  return {blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y)};
}

void draw_stroke(GlyphStroke stroke, const Style& style, Draws& draws, Canvas& canvas) {
  std::array<Point, kMaxStrokePoints> points;
  const std::size_t count = stroke.size();
  for (std::size_t i = 0; i < count; ++i) {
    const bool corner = i > 0 && stroke[i].x == stroke[i - 1].x && stroke[i].y == stroke[i - 1].y;
    if (corner) {
      points[i] = points[i - 1];
      continue;
    }
    points[i] = {static_cast<float>(stroke[i].x - 50) * 0.02F + draws.bell(style.jitter) * 1.4F,
                 static_cast<float>(stroke[i].y - 50) * 0.02F + draws.bell(style.jitter)};
  }
  const float pieces = static_cast<float>(kPiecesPerCurve * (count - 1));
  Point from = place(style, points[0]);
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const Point before = points[i == 0 ? 0 : i - 1];
    const Point after = points[i + 2 < count ? i + 2 : i + 1];
    for (int piece = 1; piece <= kPiecesPerCurve; ++piece) {
      const float t = static_cast<float>(piece) * (1.0F / kPiecesPerCurve);
      const Point to = place(style, on_curve(before, points[i], points[i + 1], after, t));
      const float along = (static_cast<float>(kPiecesPerCurve * i) + static_cast<float>(piece)) / pieces;
      canvas.add_segment(from, to, std::max(0.6F, style.half_width * (1 + style.taper * (2 * along - 1))));
      from = to;
    }
  }
}

const Glyph& choose_glyph(std::span<const Glyph> glyphs, Draws& draws) {
  std::int64_t total = 0;
  for (const Glyph& glyph : glyphs) total += glyph.weight;
  std::int64_t ticket = draws.below(total);
  for (const Glyph& glyph : glyphs) {
    ticket -= glyph.weight;
    if (ticket < 0) return glyph;
  }
  return glyphs.back();
}

}  // namespace

void draw_digit(int digit, std::uint64_t image, std::span<std::uint8_t, kDigitPixels> pixels) {
  Draws draws(image);
  const Glyph& glyph = choose_glyph(glyphs_of(digit), draws);
  const Style style = draw_style(draws);
  Canvas canvas;
  for (const GlyphStroke stroke : glyph.strokes) draw_stroke(stroke, style, draws, canvas);
  canvas.develop(style, draws, pixels);
}

}  // namespace wta
