#include "kernels/touched_positions.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/touched_positions_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// True if some channel is not 0.
HWY_INLINE bool any_gradient(const float* HWY_RESTRICT grad, std::int64_t channels) {
  const Floats d;
  std::int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) {
    if (!hn::AllTrue(d, hn::Eq(hn::LoadU(d, grad + c), hn::Zero(d)))) return true;
  }
  return c < channels && !hn::AllTrue(d, hn::Eq(load_part(grad + c, channels - c), hn::Zero(d)));
}

/// Keeps the gradient where h > 0; true if any of it is not 0.
HWY_INLINE bool mask_channels(const float* HWY_RESTRICT h, std::int64_t channels, float* HWY_RESTRICT grad) {
  const Floats d;
  const FloatVector zero = hn::Zero(d);
  FloatVector any = zero;
  std::int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) {
    const FloatVector kept = hn::IfThenElseZero(hn::Gt(hn::LoadU(d, h + c), zero), hn::LoadU(d, grad + c));
    hn::StoreU(kept, d, grad + c);
    any = hn::Max(any, hn::Abs(kept));
  }
  if (const std::int64_t left = channels - c; left > 0) {
    const FloatVector kept =
        hn::IfThenElseZero(hn::Gt(load_part(h + c, left), zero), load_part(grad + c, left));
    store_part(kept, grad + c, left);
    any = hn::Max(any, hn::Abs(kept));
  }
  return !hn::AllTrue(d, hn::Eq(any, zero));
}

void mask_and_list(ConstMapsView<float> h, MapsView<float> grad, MatrixView<std::int32_t> position,
                   std::span<std::int64_t> count) {
  const std::int64_t channels = grad.shape.channels;
  for (std::int64_t n = 0; n < grad.samples; ++n) {
    std::int32_t* list = position.row(n);
    std::int64_t listed = 0;
    std::int32_t p = 0;
    for (std::int64_t y = 0; y < grad.shape.height; ++y) {
      float* row = grad.at(n, y, 0);
      const float* activation = h.at(n, y, 0);
      for (std::int64_t x = 0; x < grad.shape.width; ++x, ++p, row += channels, activation += channels) {
        if (any_gradient(row, channels) && mask_channels(activation, channels, row)) list[listed++] = p;
      }
    }
    count[n] = listed;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(mask_and_list);

namespace cpu {

void mask_touched(ConstMapsView<float> h, MapsView<float> grad, MatrixView<std::int32_t> position,
                  std::span<std::int64_t> count) {
  HWY_DYNAMIC_DISPATCH(mask_and_list)(h, grad, position, count);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
