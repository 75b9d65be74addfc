/// Shared pieces of the SIMD kernels, compiled once per instruction set: hence no #pragma once, but
/// Highway's toggle. Vectors are kept in arrays, so scalable instruction sets are left out (CMakeLists.txt).
#if defined(WTA_KERNELS_SIMD_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef WTA_KERNELS_SIMD_ROWS_INL_H_
#undef WTA_KERNELS_SIMD_ROWS_INL_H_
#else
#define WTA_KERNELS_SIMD_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using FloatVector = hn::Vec<Floats>;
constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(Floats()));
/// Accumulators that fit the registers beside the operands: 32 registers with AVX-512, else 16.
constexpr std::int64_t kMaxSums = kLanes >= 16 ? 16 : 8;

/// The first `count` < kLanes lanes from p, the others 0; touches nothing behind them.
HWY_INLINE FloatVector load_part(const float* HWY_RESTRICT p, std::int64_t count) {
  const Floats d;
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN float lanes[kLanes] = {};
  std::memcpy(lanes, p, static_cast<std::size_t>(count) * sizeof(float));
  return hn::Load(d, lanes);
#else
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(count)), d, p);
#endif
}

/// Stores the first `count` < kLanes lanes and touches nothing behind them.
HWY_INLINE void store_part(FloatVector v, float* HWY_RESTRICT p, std::int64_t count) {
  const Floats d;
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN float lanes[kLanes];
  hn::Store(v, d, lanes);
  std::memcpy(p, lanes, static_cast<std::size_t>(count) * sizeof(float));
#else
  hn::BlendedStore(v, hn::FirstN(d, static_cast<std::size_t>(count)), d, p);
#endif
}

/// A sum of scaled rows: terms [count], term i is coefficient[i] * rows[index[i] * stride ...].
struct ScaledRows {
  const float* coefficient;
  const std::int32_t* index;
  std::int64_t count;
  const float* rows;
  std::int64_t stride;
};

/// out[0 .. kVectors * kLanes) += the terms, in their order, with the sums in registers.
template <int kVectors>
HWY_INLINE void add_scaled_rows_block(const ScaledRows& terms, std::int64_t column, float* HWY_RESTRICT out) {
  const Floats d;
  FloatVector sum[kVectors];
  for (int j = 0; j < kVectors; ++j) sum[j] = hn::LoadU(d, out + column + j * kLanes);
  for (std::int64_t i = 0; i < terms.count; ++i) {
    const FloatVector c = hn::Set(d, terms.coefficient[i]);
    const float* HWY_RESTRICT row = terms.rows + terms.index[i] * terms.stride + column;
    for (int j = 0; j < kVectors; ++j) sum[j] = hn::MulAdd(c, hn::LoadU(d, row + j * kLanes), sum[j]);
  }
  for (int j = 0; j < kVectors; ++j) hn::StoreU(sum[j], d, out + column + j * kLanes);
}

HWY_INLINE void add_scaled_rows_part(const ScaledRows& terms, std::int64_t column, std::int64_t count,
                                     float* HWY_RESTRICT out) {
  FloatVector sum = load_part(out + column, count);
  for (std::int64_t i = 0; i < terms.count; ++i) {
    const FloatVector c = hn::Set(Floats(), terms.coefficient[i]);
    sum = hn::MulAdd(c, load_part(terms.rows + terms.index[i] * terms.stride + column, count), sum);
  }
  store_part(sum, out + column, count);
}

/// out[d] += sum_i coefficient[i] * rows[index[i], d] for d in [0, columns). Each element is one chain of
/// multiply-adds in the order of the terms, so its bits depend neither on `columns` nor on the block.
inline void add_scaled_rows(const ScaledRows& terms, std::int64_t columns, float* HWY_RESTRICT out) {
  std::int64_t column = 0;
  for (; column + kMaxSums * kLanes <= columns; column += kMaxSums * kLanes) {
    add_scaled_rows_block<kMaxSums>(terms, column, out);
  }
  const auto rest = [&]<int kVectors>() {
    if (column + kVectors * kLanes > columns) return;
    add_scaled_rows_block<kVectors>(terms, column, out);
    column += kVectors * kLanes;
  };
  if constexpr (kMaxSums > 8) rest.template operator()<8>();
  rest.template operator()<4>();
  rest.template operator()<2>();
  rest.template operator()<1>();
  if (column < columns) add_scaled_rows_part(terms, column, columns - column, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
