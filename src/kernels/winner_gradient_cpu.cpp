#include "kernels/winner_gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/winner_gradient_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// out[i] = scale * (atom, residual row sample[i]) for kWinners winners that share the reads of the atom.
/// Even and odd vectors are summed apart, for any kWinners alike: the bits do not depend on the grouping.
template <int kWinners>
HWY_INLINE void dot_products(const float* HWY_RESTRICT atom, ConstMatrixView<float> residual,
                             const std::int32_t* HWY_RESTRICT sample, float scale, float* HWY_RESTRICT out) {
  const Floats d;
  const float* HWY_RESTRICT row[kWinners];
  FloatVector even[kWinners];
  FloatVector odd[kWinners];
  for (int i = 0; i < kWinners; ++i) {
    row[i] = residual.row(sample[i]);
    even[i] = odd[i] = hn::Zero(d);
  }
  std::int64_t c = 0;
  for (; c + 2 * kLanes <= residual.cols; c += 2 * kLanes) {
    const FloatVector a0 = hn::LoadU(d, atom + c);
    const FloatVector a1 = hn::LoadU(d, atom + c + kLanes);
    for (int i = 0; i < kWinners; ++i) {
      even[i] = hn::MulAdd(a0, hn::LoadU(d, row[i] + c), even[i]);
      odd[i] = hn::MulAdd(a1, hn::LoadU(d, row[i] + c + kLanes), odd[i]);
    }
  }
  if (c + kLanes <= residual.cols) {
    const FloatVector a = hn::LoadU(d, atom + c);
    for (int i = 0; i < kWinners; ++i) even[i] = hn::MulAdd(a, hn::LoadU(d, row[i] + c), even[i]);
    c += kLanes;
  }
  if (const std::int64_t left = residual.cols - c; left > 0) {
    const FloatVector a = load_part(atom + c, left);
    for (int i = 0; i < kWinners; ++i) odd[i] = hn::MulAdd(a, load_part(row[i] + c, left), odd[i]);
  }
  for (int i = 0; i < kWinners; ++i) {
    out[i] = scale * hn::GetLane(hn::SumOfLanes(d, hn::Add(even[i], odd[i])));
  }
}

void gradient_of_units(const Winners<float>& winners, ConstMatrixView<float> atoms,
                       ConstMatrixView<float> residual, float scale, std::int64_t begin, std::int64_t end,
                       std::span<float> gradient) {
  constexpr int kGroup = kLanes >= 16 ? 8 : 4;
  for (std::int64_t u = begin; u < end; ++u) {
    std::int64_t w = winners.offsets[u];
    const std::int64_t last = winners.offsets[u + 1];
    const std::int32_t* sample = winners.sample.data();
    for (; w + kGroup <= last; w += kGroup) {
      dot_products<kGroup>(atoms.row(u), residual, sample + w, scale, gradient.data() + w);
    }
    for (; w + 2 <= last; w += 2) {
      dot_products<2>(atoms.row(u), residual, sample + w, scale, gradient.data() + w);
    }
    if (w < last) dot_products<1>(atoms.row(u), residual, sample + w, scale, gradient.data() + w);
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
