#include <algorithm>

#include "kernels/spatial_selection.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/spatial_selection_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

using Indices = hn::RebindToSigned<Floats>;

/// Largest value and its position for kVectors vectors of channels; with kPart only the first `count`
/// < kLanes channels of the one vector exist.
template <int kVectors, bool kPart>
HWY_INLINE void select_channels(ConstMapsView<float> h, std::int64_t n, std::int64_t channel,
                                std::int64_t count, float* HWY_RESTRICT value,
                                std::int32_t* HWY_RESTRICT position) {
  const Floats d;
  const Indices di;
  FloatVector largest[kVectors];
  hn::Vec<Indices> where[kVectors];
  for (int j = 0; j < kVectors; ++j) {
    largest[j] = hn::Zero(d);
    where[j] = hn::Zero(di);
  }
  std::int32_t p = 0;
  for (std::int64_t y = 0; y < h.shape.height; ++y) {
    const float* HWY_RESTRICT from = h.at(n, y, 0) + channel;
    for (std::int64_t x = 0; x < h.shape.width; ++x, ++p, from += h.shape.channels) {
      const auto here = hn::Set(di, p);
      for (int j = 0; j < kVectors; ++j) {
        const FloatVector v = kPart ? load_part(from, count) : hn::LoadU(d, from + j * kLanes);
        where[j] = hn::IfThenElse(hn::RebindMask(di, hn::Gt(v, largest[j])), here, where[j]);
        largest[j] = hn::Max(largest[j], v);
      }
    }
  }
  for (int j = 0; j < kVectors; ++j) {
    if (kPart) {
      store_part(largest[j], value + channel, count);
      HWY_ALIGN std::int32_t lanes[kLanes];
      hn::Store(where[j], di, lanes);
      std::copy_n(lanes, count, position + channel);
    } else {
      hn::StoreU(largest[j], d, value + channel + j * kLanes);
      hn::StoreU(where[j], di, position + channel + j * kLanes);
    }
  }
}

void select_largest(ConstMapsView<float> h, MatrixView<float> value, MatrixView<std::int32_t> position) {
  constexpr int kBlock = static_cast<int>(kMaxSums) / 2;
  const std::int64_t channels = h.shape.channels;
  for (std::int64_t n = 0; n < h.samples; ++n) {
    float* v = value.row(n);
    std::int32_t* p = position.row(n);
    std::int64_t c = 0;
    for (; c + kBlock * kLanes <= channels; c += kBlock * kLanes) {
      select_channels<kBlock, false>(h, n, c, 0, v, p);
    }
    for (; c + 2 * kLanes <= channels; c += 2 * kLanes) select_channels<2, false>(h, n, c, 0, v, p);
    if (c + kLanes <= channels) {
      select_channels<1, false>(h, n, c, 0, v, p);
      c += kLanes;
    }
    if (c < channels) select_channels<1, true>(h, n, c, channels - c, v, p);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(select_largest);

namespace cpu {

void select_spatial(ConstMapsView<float> h, MatrixView<float> value, MatrixView<std::int32_t> position) {
  HWY_DYNAMIC_DISPATCH(select_largest)(h, value, position);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
