#include "kernels/winner_gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/winner_gradient_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_winners-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

void gradient_of_units(const Winners<float>& winners, ConstMatrixView<float> atoms,
                       ConstMatrixView<float> residual, float scale, std::int64_t begin, std::int64_t end,
                       std::span<float> gradient) {
  for (std::int64_t u = begin; u < end; ++u) {
    const auto find = [&]<int kWinners>(std::int64_t w) {
      dot_products<kWinners>(atoms.row(u), residual, winners.sample.data() + w, scale, gradient.data() + w);
    };
    for_winners_at_once(winners.offsets[u], winners.offsets[u + 1], find);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(gradient_of_units);

namespace cpu {

void gradient_at_winners(const Winners<float>& winners, ConstMatrixView<float> atoms,
                         ConstMatrixView<float> residual, float scale, std::int64_t begin, std::int64_t end,
                         std::span<float> gradient) {
  HWY_DYNAMIC_DISPATCH(gradient_of_units)(winners, atoms, residual, scale, begin, end, gradient);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
