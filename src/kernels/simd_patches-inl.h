/// Patches of feature maps (maps.h) in SIMD kernels: rectangles of `rows` runs of contiguous floats.
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

/// to[0 .. count) += c * from[0 .. count)
HWY_INLINE void add_scaled(FloatVector c, const float* HWY_RESTRICT from, std::int64_t count,
                           float* HWY_RESTRICT to) {
  const Floats d;
  std::int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    for (std::int64_t j = i; j < i + 4 * kLanes; j += kLanes) {
      hn::StoreU(hn::MulAdd(c, hn::LoadU(d, from + j), hn::LoadU(d, to + j)), d, to + j);
    }
  }
  for (; i + kLanes <= count; i += kLanes) {
    hn::StoreU(hn::MulAdd(c, hn::LoadU(d, from + i), hn::LoadU(d, to + i)), d, to + i);
  }
  if (const std::int64_t left = count - i; left > 0) {
    store_part(hn::MulAdd(c, load_part(from + i, left), load_part(to + i, left)), to + i, left);
  }
}

/// Where the runs of a patch lie: run (i, j) starts at i * row_stride + j * run_stride.
struct PatchRuns {
  std::int64_t rows;
  std::int64_t runs;    ///< in a row
  std::int64_t length;  ///< floats of a run
  std::int64_t run_stride;
};

/// to += coefficient * from, run by run.
HWY_INLINE void add_scaled_patch(const PatchRuns& patch, float coefficient, const float* HWY_RESTRICT from,
                                 std::int64_t from_stride, float* HWY_RESTRICT to, std::int64_t to_stride) {
  const FloatVector c = hn::Set(Floats(), coefficient);
  for (std::int64_t i = 0; i < patch.rows; ++i) {
    for (std::int64_t j = 0; j < patch.runs; ++j) {
      const std::int64_t run = j * patch.run_stride;
      add_scaled(c, from + i * from_stride + run, patch.length, to + i * to_stride + run);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
