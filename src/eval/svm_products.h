#pragma once
/// The two products of the classifier. Rows of a data matrix are wide, classes are few: a general matrix
/// product would pack (copy) the data, these read it once.

#include <cstdint>
#include <span>

#include "wta/tensor.h"

namespace wta::svm {

/// out[r,k] += sum_d rows[r][d] * w[k,d]
/// in   rows  pointers to rows of w.cols values each
///      w     [K,D]
/// out  out   [rows,K] (adds)
/// Cost: rows are read once, w once per few rows; single-threaded: callers cut fixed tiles.
void add_dot_products(std::span<const float* const> rows, ConstMatrixView<float> w, MatrixView<float> out);

/// One row in a weighted sum of rows.
struct WeightedRow {
  std::int32_t row = 0;
  float weight = 0;
};

/// out[k,d] += sum over terms t of k: t.weight * rows[t.row][d]
/// in   terms    grouped by k: those of k are terms[offsets[k] .. offsets[k+1])
///      offsets  [K+1]
/// out  out      [K,D] (adds)
/// Cost: one multiply-add per term and column, so samples without loss cost nothing; single-threaded.
void add_weighted_rows(std::span<const float* const> rows, std::span<const WeightedRow> terms,
                       std::span<const std::int64_t> offsets, MatrixView<float> out);

}  // namespace wta::svm
