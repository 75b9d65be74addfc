#include "kernels/patch_gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/patch_gradient_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_patches-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// (atom, patch), in four chains of multiply-adds whose shares depend on the shape of the patch alone.
HWY_INLINE float dot_product(const float* HWY_RESTRICT atom, const float* HWY_RESTRICT patch,
                             std::int64_t rows, std::int64_t columns, std::int64_t row_stride) {
  const Floats d;
  FloatVector s0 = hn::Zero(d);
  FloatVector s1 = s0;
  FloatVector s2 = s0;
  FloatVector s3 = s0;
  for (std::int64_t i = 0; i < rows; ++i, atom += columns, patch += row_stride) {
    std::int64_t j = 0;
    for (; j + 4 * kLanes <= columns; j += 4 * kLanes) {
      s0 = hn::MulAdd(hn::LoadU(d, atom + j), hn::LoadU(d, patch + j), s0);
      s1 = hn::MulAdd(hn::LoadU(d, atom + j + kLanes), hn::LoadU(d, patch + j + kLanes), s1);
      s2 = hn::MulAdd(hn::LoadU(d, atom + j + 2 * kLanes), hn::LoadU(d, patch + j + 2 * kLanes), s2);
      s3 = hn::MulAdd(hn::LoadU(d, atom + j + 3 * kLanes), hn::LoadU(d, patch + j + 3 * kLanes), s3);
    }
    for (; j + kLanes <= columns; j += kLanes) {
      s0 = hn::MulAdd(hn::LoadU(d, atom + j), hn::LoadU(d, patch + j), s0);
    }
    const std::int64_t left = columns - j;
    if (left == 0) continue;
    FloatVector& sum = i % 2 == 0 ? s1 : s2;
    if (kOverlapTails && columns >= kLanes) {
      const FloatVector last = keep_last(hn::LoadU(d, atom + columns - kLanes), left);
      sum = hn::MulAdd(last, hn::LoadU(d, patch + columns - kLanes), sum);
    } else {
      sum = hn::MulAdd(load_part(atom + j, left), load_part(patch + j, left), sum);
    }
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
}

void gradient_of_samples(const Winners<float>& winners, ConstMatrixView<float> atoms, std::int64_t kernel,
                         ConstMapsView<float> residual, float scale, std::int64_t begin, std::int64_t end,
                         std::span<float> gradient) {
  for (std::int64_t n = begin; n < end; ++n) {
    for (std::int64_t s = winners.sample_offsets[n]; s < winners.sample_offsets[n + 1]; ++s) {
      const std::int32_t w = winners.by_sample[s];
      gradient[w] =
          scale * dot_product(atoms.row(winners.unit[w]), residual.patch(n, winners.position[w], kernel),
                              kernel, kernel * residual.shape.channels, residual.shape.row_stride());
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(gradient_of_samples);

namespace cpu {

void gradient_at_patches(const Winners<float>& winners, ConstMatrixView<float> atoms, std::int64_t kernel,
                         ConstMapsView<float> residual, float scale, std::int64_t begin, std::int64_t end,
                         std::span<float> gradient) {
  HWY_DYNAMIC_DISPATCH(gradient_of_samples)
  (winners, atoms, kernel, residual, scale, begin, end, gradient);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
