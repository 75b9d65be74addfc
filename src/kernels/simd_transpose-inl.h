/// Transposition of small matrices, compiled once per instruction set.
#if defined(WTA_KERNELS_SIMD_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef WTA_KERNELS_SIMD_TRANSPOSE_INL_H_
#undef WTA_KERNELS_SIMD_TRANSPOSE_INL_H_
#else
#define WTA_KERNELS_SIMD_TRANSPOSE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "wta/tensor.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// out[c, r] = in[r, c] for a block of 4 x 4.
HWY_INLINE void transpose_4x4(const float* HWY_RESTRICT in, std::int64_t in_stride, float* HWY_RESTRICT out,
                              std::int64_t out_stride) {
#if HWY_TARGET == HWY_SCALAR
  for (int r = 0; r < 4; ++r) {
    for (int c = 0; c < 4; ++c) out[c * out_stride + r] = in[r * in_stride + c];
  }
#else
  const hn::FixedTag<float, 4> d;
  const hn::FixedTag<double, 2> pairs;
  const auto r0 = hn::LoadU(d, in), r1 = hn::LoadU(d, in + in_stride);
  const auto r2 = hn::LoadU(d, in + 2 * in_stride), r3 = hn::LoadU(d, in + 3 * in_stride);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, out);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, out + out_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, out + 2 * out_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, out + 3 * out_stride);
#endif
}

/// out[c, r] = in[r, c].
inline void transpose(ConstMatrixView<float> in, float* out, std::int64_t out_stride) {
  const std::int64_t rows4 = in.rows & ~std::int64_t{3};
  const std::int64_t cols4 = in.cols & ~std::int64_t{3};
  for (std::int64_t r = 0; r < rows4; r += 4) {
    for (std::int64_t c = 0; c < cols4; c += 4) {
      transpose_4x4(in.row(r) + c, in.stride, out + c * out_stride + r, out_stride);
    }
  }
  for (std::int64_t r = 0; r < in.rows; ++r) {
    for (std::int64_t c = r < rows4 ? cols4 : 0; c < in.cols; ++c) out[c * out_stride + r] = in(r, c);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
