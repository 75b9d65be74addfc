#include "kernels/paste_patches.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/paste_patches_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_patches-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

void paste_at_winners(const Winners<float>& winners, std::span<const float> coefficient,
                      ConstMatrixView<float> rows, std::int64_t kernel, std::int64_t begin, std::int64_t end,
                      MapsView<float> out) {
  const std::int64_t columns = kernel * out.shape.channels;
  for (std::int64_t n = begin; n < end; ++n) {
    for (std::int64_t s = winners.sample_offsets[n]; s < winners.sample_offsets[n + 1]; ++s) {
      const std::int32_t w = winners.by_sample[s];
      add_scaled_patches<1>({{coefficient[w]}, {rows.row(winners.unit[w])}, columns}, kernel, columns,
                            out.patch(n, winners.position[w], kernel), out.shape.row_stride());
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(paste_at_winners);

namespace cpu {

void paste_patches(const Winners<float>& winners, std::span<const float> coefficient,
                   ConstMatrixView<float> rows, std::int64_t kernel, std::int64_t begin, std::int64_t end,
                   MapsView<float> out) {
  HWY_DYNAMIC_DISPATCH(paste_at_winners)(winners, coefficient, rows, kernel, begin, end, out);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
