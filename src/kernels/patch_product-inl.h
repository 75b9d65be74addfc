/// The product behind a convolution's backward: a block of outputs, each a row at an address of its own, is
/// summed in registers over terms whose rows have addresses of their own too. So patches need not be copied
/// out of the maps as a whole, nor sums of patches back: docs/decisions/0008-patches-in-place.md.
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
  const float* row_of[kBlockRows] = {};
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

/// At most kBlockVectors vectors of columns of a run.
struct ColumnBlock {
  std::int64_t run;
  std::int64_t column;
  std::int64_t columns;
  [[nodiscard]] std::int64_t vectors() const { return (columns + kLanes - 1) / kLanes; }
};

/// packed [terms, vectors * kLanes] = the block of every term, so that all of it stays in the nearest cache.
HWY_INLINE void pack_terms(const PatchProduct& product, const ColumnBlock& block,
                           float* HWY_RESTRICT packed) {
  const Floats d;
  const std::int64_t offset = block.run * product.term_stride + block.column;
  for (std::int64_t t = 0; t < product.terms; ++t) {
    const float* HWY_RESTRICT term = product.term[t] + offset;
    std::int64_t c = 0;
    for (; c + kLanes <= block.columns; c += kLanes, packed += kLanes)
      hn::Store(hn::LoadU(d, term + c), d, packed);
    if (c == block.columns) continue;
    hn::Store(load_part(term + c, block.columns - c), d, packed);
    packed += kLanes;
  }
}

/// The product of one block of columns, of kVectors vectors, with its packed terms.
template <int kVectors, class Factors>
HWY_INLINE void add_product_block(const PatchProduct& product, const ColumnBlock& block,
                                  const Factors& factors, const float* HWY_RESTRICT packed) {
  const Floats d;
  FloatVector sum[kBlockRows][kVectors];
  for (auto& row : sum) {
    for (FloatVector& s : row) s = hn::Zero(d);
  }
  for (std::int64_t t = 0; t < product.terms; ++t, packed += kVectors * kLanes) {
    FloatVector v[kVectors];
    for (int j = 0; j < kVectors; ++j) v[j] = hn::Load(d, packed + j * kLanes);
    for (int r = 0; r < kBlockRows; ++r) {
      const FloatVector f = hn::Set(d, factors(t, r));
      for (int j = 0; j < kVectors; ++j) sum[r][j] = hn::MulAdd(f, v[j], sum[r][j]);
    }
  }
  const std::int64_t last = block.columns - (kVectors - 1) * kLanes;
  for (int r = 0; r < kBlockRows; ++r) {
    if (r >= product.rows) break;
    float* out = product.out[r] + block.run * product.out_stride + block.column;
    for (int j = 0; j < kVectors; ++j, out += kLanes) {
      if (j + 1 == kVectors && last < kLanes) {
        store_part(hn::Add(sum[r][j], load_part(out, last)), out, last);
      } else {
        hn::StoreU(hn::Add(sum[r][j], hn::LoadU(d, out)), d, out);
      }
    }
  }
}

template <class Factors>
HWY_INLINE void add_product(const PatchProduct& product, const ColumnBlock& block, const Factors& factors,
                            const float* HWY_RESTRICT packed) {
  if (block.vectors() == 3) add_product_block<3>(product, block, factors, packed);
  if (block.vectors() == 2) add_product_block<2>(product, block, factors, packed);
  if (block.vectors() == 1) add_product_block<1>(product, block, factors, packed);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
