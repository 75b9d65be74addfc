/// The product behind a convolution's backward: a block of outputs, each a row of contiguous floats at an
/// address of its own, is summed in registers over terms whose rows also have addresses of their own.
/// So patches are read and written where they lie in the maps.
/// Compiled once per instruction set, as simd_rows-inl.h.
#if defined(WTA_KERNELS_PATCH_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef WTA_KERNELS_PATCH_PRODUCT_INL_H_
#undef WTA_KERNELS_PATCH_PRODUCT_INL_H_
#else
#define WTA_KERNELS_PATCH_PRODUCT_INL_H_
#endif

#include <algorithm>

#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Outputs and vectors of a block: their sums fill 24 of 32 registers with AVX-512, else 12 of 16.
constexpr int kBlockRows = kLanes >= 16 ? 8 : (kLanes >= 4 ? 4 : 1);
constexpr int kBlockVectors = 3;

/// Factors of term t, stored term by term: [terms, kBlockRows], 0 for rows that do not exist.
struct FactorsByTerm {
  const float* factor;
  HWY_INLINE float operator()(std::int64_t term, int row) const { return factor[term * kBlockRows + row]; }
};

/// Factors row by row, each row at an address of its own: [kBlockRows] [terms]. Rows that do not exist are
/// read too, and are the address of one that does.
struct FactorsByRow {
  explicit FactorsByRow(const float* const* rows) { std::copy_n(rows, kBlockRows, row_of); }
  HWY_INLINE float operator()(std::int64_t term, int row) const { return row_of[row][term]; }
  const float* row_of[kBlockRows];
};

/// out[r][column] += sum over terms t of factor(t, r) * term[t][column], r < rows, the sum in the order of
/// the terms. A run of columns is contiguous; run i starts at i * term_stride in the terms, at
/// i * out_stride in the outputs.
struct PatchProduct {
  std::int64_t terms;
  const float* const* term;  ///< [terms]
  std::int64_t term_stride;
  std::int64_t rows;  ///< <= kBlockRows
  float* const* out;  ///< [rows]; may overlap each other
  std::int64_t out_stride;
};

/// kVectors vectors of columns, of the last one only the first `last` lanes if kPart.
template <int kVectors, bool kPart, class Factors>
HWY_INLINE void add_product_block(const PatchProduct& product, const Factors& factors, std::int64_t from,
                                  std::int64_t to, std::int64_t last) {
  const Floats d;
  FloatVector sum[kBlockRows][kVectors];
  for (auto& row : sum) {
    for (FloatVector& s : row) s = hn::Zero(d);
  }
  for (std::int64_t t = 0; t < product.terms; ++t) {
    const float* HWY_RESTRICT term = product.term[t] + from;
    FloatVector v[kVectors];
    for (int j = 0; j < kVectors; ++j) {
      v[j] =
          kPart && j + 1 == kVectors ? load_part(term + j * kLanes, last) : hn::LoadU(d, term + j * kLanes);
    }
    for (int r = 0; r < kBlockRows; ++r) {
      const FloatVector f = hn::Set(d, factors(t, r));
      for (int j = 0; j < kVectors; ++j) sum[r][j] = hn::MulAdd(f, v[j], sum[r][j]);
    }
  }
  for (int r = 0; r < kBlockRows; ++r) {
    if (r >= product.rows) break;
    float* out = product.out[r] + to;
    for (int j = 0; j < kVectors; ++j, out += kLanes) {
      if (kPart && j + 1 == kVectors) {
        store_part(hn::Add(sum[r][j], load_part(out, last)), out, last);
      } else {
        hn::StoreU(hn::Add(sum[r][j], hn::LoadU(d, out)), d, out);
      }
    }
  }
}

/// Columns [column, column + columns) of a run; at most kBlockVectors vectors.
template <class Factors>
HWY_INLINE void add_product(const PatchProduct& product, const Factors& factors, std::int64_t run,
                            std::int64_t column, std::int64_t columns) {
  const std::int64_t from = run * product.term_stride + column;
  const std::int64_t to = run * product.out_stride + column;
  const std::int64_t vectors = (columns + kLanes - 1) / kLanes;
  const std::int64_t last = columns - (vectors - 1) * kLanes;
  const auto add = [&]<int kVectors>() {
    last < kLanes ? add_product_block<kVectors, true>(product, factors, from, to, last)
                  : add_product_block<kVectors, false>(product, factors, from, to, 0);
  };
  if (vectors == 3) add.template operator()<3>();
  if (vectors == 2) add.template operator()<2>();
  if (vectors == 1) add.template operator()<1>();
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
