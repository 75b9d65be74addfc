#include <algorithm>

#include "kernels/max_pool.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/max_pool_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// A clipped window of one sample: rows x columns positions from `first` on.
struct Window {
  const float* first;
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t row_stride;
  std::int64_t channels;
};

/// Largest values of kVectors vectors of channels; with kPart of the first `count` < kLanes channels.
template <int kVectors, bool kPart>
HWY_INLINE void pool_channels(const Window& window, std::int64_t channel, std::int64_t count,
                              float* HWY_RESTRICT out) {
  const Floats d;
  const auto load = [&](const float* HWY_RESTRICT p, int j) {
    return kPart ? load_part(p, count) : hn::LoadU(d, p + j * kLanes);
  };
  FloatVector largest[kVectors];
  for (int j = 0; j < kVectors; ++j) largest[j] = load(window.first + channel, j);
  for (std::int64_t y = 0; y < window.rows; ++y) {
    const float* HWY_RESTRICT from = window.first + y * window.row_stride + channel;
    for (std::int64_t x = 0; x < window.columns; ++x, from += window.channels) {
      for (int j = 0; j < kVectors; ++j) largest[j] = hn::Max(largest[j], load(from, j));
    }
  }
  for (int j = 0; j < kVectors; ++j) {
    if (kPart) {
      store_part(largest[j], out + channel, count);
    } else {
      hn::StoreU(largest[j], d, out + channel + j * kLanes);
    }
  }
}

inline void pool_window(const Window& window, float* HWY_RESTRICT out) {
  std::int64_t c = 0;
  for (; c + 8 * kLanes <= window.channels; c += 8 * kLanes) pool_channels<8, false>(window, c, 0, out);
  for (; c + 2 * kLanes <= window.channels; c += 2 * kLanes) pool_channels<2, false>(window, c, 0, out);
  if (c + kLanes <= window.channels) {
    pool_channels<1, false>(window, c, 0, out);
    c += kLanes;
  }
  if (c < window.channels) pool_channels<1, true>(window, c, window.channels - c, out);
}

void pool_samples(ConstMapsView<float> maps, std::int64_t window, std::int64_t stride,
                  MatrixView<float> out) {
  const MapShape& shape = maps.shape;
  for (std::int64_t n = 0; n < maps.samples; ++n) {
    float* pooled = out.row(n);
    for (std::int64_t y = 0; y < shape.height; y += stride) {
      for (std::int64_t x = 0; x < shape.width; x += stride, pooled += shape.channels) {
        pool_window({maps.at(n, y, x), std::min(window, shape.height - y), std::min(window, shape.width - x),
                     shape.row_stride(), shape.channels},
                    pooled);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(pool_samples);

namespace cpu {

void max_pool(ConstMapsView<float> maps, std::int64_t window, std::int64_t stride, MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(pool_samples)(maps, window, stride, out);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
