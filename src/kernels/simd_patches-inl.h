/// Sums of patches of feature maps (maps.h): a patch is some rows of contiguous floats.
/// Compiled once per instruction set, as simd_rows-inl.h.
#if defined(WTA_KERNELS_SIMD_PATCHES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef WTA_KERNELS_SIMD_PATCHES_INL_H_
#undef WTA_KERNELS_SIMD_PATCHES_INL_H_
#else
#define WTA_KERNELS_SIMD_PATCHES_INL_H_
#endif

#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Parts of vectors are slow to load and store on this instruction set: a row of at least a vector ends with
/// the vector that ends where it ends, and lanes that were taken before are masked.
constexpr bool kOverlapTails = HWY_MEM_OPS_MIGHT_FAULT != 0;

/// v, but 0 in the lanes that are not among the last `left` ones.
HWY_INLINE FloatVector keep_last(FloatVector v, std::int64_t left) {
  return hn::IfThenZeroElse(hn::FirstN(Floats(), static_cast<std::size_t>(kLanes - left)), v);
}

/// Patches of equal size, each of rows that lie `stride` apart, and what they are scaled with.
template <int kPatches>
struct ScaledPatches {
  float coefficient[kPatches];
  const float* patch[kPatches];
  std::int64_t stride;
};

/// to[0 .. columns) += the sum of row `i` of the patches, in their order.
template <int kPatches>
HWY_INLINE void add_scaled_row(const ScaledPatches<kPatches>& patches, std::int64_t i, std::int64_t columns,
                               float* HWY_RESTRICT to) {
  const Floats d;
  FloatVector c[kPatches];
  const float* HWY_RESTRICT from[kPatches];
  for (int k = 0; k < kPatches; ++k) {
    c[k] = hn::Set(d, patches.coefficient[k]);
    from[k] = patches.patch[k] + i * patches.stride;
  }
  const auto add_vector = [&](std::int64_t column) HWY_ATTR {
    FloatVector sum = hn::LoadU(d, to + column);
    for (int k = 0; k < kPatches; ++k) sum = hn::MulAdd(c[k], hn::LoadU(d, from[k] + column), sum);
    hn::StoreU(sum, d, to + column);
  };
  std::int64_t column = 0;
  for (; column + 4 * kLanes <= columns; column += 4 * kLanes) {
    for (std::int64_t j = 0; j < 4 * kLanes; j += kLanes) add_vector(column + j);
  }
  for (; column + kLanes <= columns; column += kLanes) add_vector(column);
  const std::int64_t left = columns - column;
  if (left == 0) return;
  if (kOverlapTails && columns >= kLanes) {
    for (int k = 0; k < kPatches; ++k) c[k] = keep_last(c[k], left);
    add_vector(columns - kLanes);
  } else {
    FloatVector sum = load_part(to + column, left);
    for (int k = 0; k < kPatches; ++k) sum = hn::MulAdd(c[k], load_part(from[k] + column, left), sum);
    store_part(sum, to + column, left);
  }
}

/// to [rows, columns], its rows `to_stride` apart, += the patches. Each element is one chain of
/// multiply-adds in their order, however many are added at a time.
template <int kPatches>
HWY_INLINE void add_scaled_patches(const ScaledPatches<kPatches>& patches, std::int64_t rows,
                                   std::int64_t columns, float* HWY_RESTRICT to, std::int64_t to_stride) {
  for (std::int64_t i = 0; i < rows; ++i) add_scaled_row(patches, i, columns, to + i * to_stride);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
