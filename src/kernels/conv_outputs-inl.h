/// Where the sums of a convolution go, compiled once per instruction set: overloads for both destinations.
#if defined(WTA_KERNELS_CONV_OUTPUTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef WTA_KERNELS_CONV_OUTPUTS_INL_H_
#undef WTA_KERNELS_CONV_OUTPUTS_INL_H_
#else
#define WTA_KERNELS_CONV_OUTPUTS_INL_H_
#endif

#include <hwy/cache_control.h>

#include <algorithm>

#include "kernels/conv_paths.h"
#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

using Ints = hn::RebindToSigned<Floats>;
using IntVector = hn::Vec<Ints>;

HWY_INLINE FloatVector load_lanes(const float* p, std::int64_t count) {
  return count >= kLanes ? hn::LoadU(Floats(), p) : load_part(p, count);
}

HWY_INLINE void store_lanes(FloatVector v, float* p, std::int64_t count) {
  count >= kLanes ? hn::StoreU(v, Floats(), p) : store_part(v, p, count);
}

/// Outputs [first, first + count) of a sample, count <= kLanes.
struct OutputLanes {
  std::int64_t sample;
  std::int64_t first;
  std::int64_t count;
};

HWY_INLINE FloatVector bias_of(std::span<const float> bias, const OutputLanes& lanes) {
  return bias.empty() ? hn::Zero(Floats()) : load_lanes(bias.data() + lanes.first, lanes.count);
}

/// A rectangle of sums [rows][cols], `pitch` vectors from row to row, whose corner lies at (y, x).
struct Rectangle {
  std::int64_t y;
  std::int64_t x;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t pitch;
};

/// Whether whole aligned lines are written, past the caches.
HWY_INLINE bool streams(const cpu::ConvToMaps& out, std::int64_t count) {
  return kLanes * sizeof(float) == cpu::kLineBytes && count >= kLanes && out.stream;
}

HWY_INLINE void put(const cpu::ConvToMaps& out, const OutputLanes& lanes, const Rectangle& r,
                    const FloatVector* HWY_RESTRICT sums) {
  const Floats d;
  const FloatVector bias = bias_of(out.bias, lanes);
  const FloatVector floor = hn::Set(d, out.floor);
  const bool stream = streams(out, lanes.count);
  for (std::int64_t i = 0; i < r.rows; ++i) {
    float* h = out.h.at(lanes.sample, r.y + i, r.x) + lanes.first;
    for (std::int64_t j = 0; j < r.cols; ++j, h += out.h.shape.channels) {
      const FloatVector value = hn::Max(hn::Add(sums[i * r.pitch + j], bias), floor);
      stream ? hn::Stream(value, d, h) : store_lanes(value, h, lanes.count);
    }
  }
}

/// Keeps the larger of the largest so far and one more; of two equal ones, the lower position.
HWY_INLINE void merge(const cpu::ConvToMax& out, const OutputLanes& lanes, FloatVector value,
                      IntVector position) {
  const Floats d;
  float* best_at = out.value.row(lanes.sample) + lanes.first;
  // Positions pass through vectors of floats as they are, bit for bit.
  float* where_at = reinterpret_cast<float*>(out.position.row(lanes.sample) + lanes.first);
  const FloatVector best = load_lanes(best_at, lanes.count);
  const IntVector where = hn::BitCast(Ints(), load_lanes(where_at, lanes.count));
  const auto lower = hn::RebindMask(d, hn::Lt(position, where));
  const auto better = hn::Or(hn::Gt(value, best), hn::And(hn::Eq(value, best), lower));
  store_lanes(hn::IfThenElse(better, value, best), best_at, lanes.count);
  store_lanes(hn::IfThenElse(better, hn::BitCast(d, position), hn::BitCast(d, where)), where_at, lanes.count);
}

HWY_INLINE void put(const cpu::ConvToMax& out, const OutputLanes& lanes, const Rectangle& r,
                    const FloatVector* HWY_RESTRICT sums) {
  const Floats d;
  const Ints di;
  const FloatVector bias = bias_of(out.bias, lanes);
  FloatVector best = hn::Zero(d);
  IntVector where = hn::Zero(di);
  for (std::int64_t i = 0; i < r.rows; ++i) {
    for (std::int64_t j = 0; j < r.cols; ++j) {
      const FloatVector value = hn::Add(sums[i * r.pitch + j], bias);
      const auto position = static_cast<std::int32_t>((r.y + i) * out.width + r.x + j);
      const auto better = hn::Gt(value, best);
      best = hn::IfThenElse(better, value, best);
      where = hn::IfThenElse(hn::RebindMask(di, better), hn::Set(di, position), where);
    }
  }
  merge(out, lanes, best, where);
}

inline void start(const cpu::ConvToMaps&, std::int64_t) {}
/// What was streamed is seen by other threads from here on.
inline void finish(const cpu::ConvToMaps&) {
  hwy::FlushStream();
}

/// Nothing found yet.
inline void start(const cpu::ConvToMax& out, std::int64_t samples) {
  for (std::int64_t n = 0; n < samples; ++n) {
    std::ranges::fill(out.value.row_span(n), 0.0F);
    std::ranges::fill(out.position.row_span(n), 0);
  }
}
inline void finish(const cpu::ConvToMax&) {}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
