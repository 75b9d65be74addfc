#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "eval/svm_products.cpp"
#include "eval/svm_products.h"

#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace wta::svm::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Vector = hn::ScalableTag<float>;
// Sums kept in registers: kRows x kClasses, of 32 registers (AVX-512) or 16.
constexpr int kClasses = 5;
constexpr int kRows = HWY_TARGET <= HWY_AVX3 ? 4 : 2;

/// out[r,k] += rows[r] . w[k] for a tile of R rows and K classes, all sums in registers.
template <int R, int K>
void dot_tile(const float* const* rows, ConstMatrixView<float> w, MatrixView<float> out) {
  const Vector d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  hn::Vec<Vector> sums[R][K];
  for (int r = 0; r < R; ++r) {
    for (int k = 0; k < K; ++k) sums[r][k] = hn::Zero(d);
  }
  std::int64_t i = 0;
  for (; i + lanes <= w.cols; i += lanes) {
    hn::Vec<Vector> x[R];
    for (int r = 0; r < R; ++r) x[r] = hn::LoadU(d, rows[r] + i);
    for (int k = 0; k < K; ++k) {
      const auto weight = hn::LoadU(d, w.row(k) + i);
      for (int r = 0; r < R; ++r) sums[r][k] = hn::MulAdd(x[r], weight, sums[r][k]);
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int k = 0; k < K; ++k) {
      float sum = hn::GetLane(hn::SumOfLanes(d, sums[r][k]));
      for (std::int64_t j = i; j < w.cols; ++j) sum += rows[r][j] * w(k, j);
      out(r, k) += sum;
    }
  }
}

template <int R>
void dot_rows(const float* const* rows, ConstMatrixView<float> w, MatrixView<float> out) {
  for (std::int64_t k = 0; k < w.rows; k += kClasses) {
    const std::int64_t count = HWY_MIN(w.rows - k, std::int64_t{kClasses});
    const auto part = w.row_range(k, k + count);
    const MatrixView<float> target(out.data + k, R, count, out.stride);
    switch (count) {
      case 1:
        dot_tile<R, 1>(rows, part, target);
        break;
      case 2:
        dot_tile<R, 2>(rows, part, target);
        break;
      case 3:
        dot_tile<R, 3>(rows, part, target);
        break;
      case 4:
        dot_tile<R, 4>(rows, part, target);
        break;
      default:
        dot_tile<R, kClasses>(rows, part, target);
    }
  }
}

void add_dot_products_of_rows(std::span<const float* const> rows, ConstMatrixView<float> w,
                              MatrixView<float> out) {
  const auto count = static_cast<std::int64_t>(rows.size());
  std::int64_t r = 0;
  for (; r + kRows <= count; r += kRows) dot_rows<kRows>(rows.data() + r, w, out.row_range(r, r + kRows));
  for (; r < count; ++r) dot_rows<1>(rows.data() + r, w, out.row_range(r, r + 1));
}

/// sum[0 .. N vectors) += weighted rows, the sums in registers while the terms pass by.
template <int N>
void weighted_tile(const float* const* rows, std::span<const WeightedRow> terms, std::int64_t column,
                   float* sum) {
  const Vector d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  hn::Vec<Vector> sums[N];
  for (int n = 0; n < N; ++n) sums[n] = hn::LoadU(d, sum + column + n * lanes);
  for (const WeightedRow term : terms) {
    const auto weight = hn::Set(d, term.weight);
    const float* row = rows[term.row] + column;
    for (int n = 0; n < N; ++n) sums[n] = hn::MulAdd(hn::LoadU(d, row + n * lanes), weight, sums[n]);
  }
  for (int n = 0; n < N; ++n) hn::StoreU(sums[n], d, sum + column + n * lanes);
}

void add_weighted_terms(std::span<const float* const> rows, std::span<const WeightedRow> terms,
                        std::span<const std::int64_t> offsets, MatrixView<float> out) {
  constexpr int kWide = 8;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Vector()));
  const auto terms_of = [&](std::int64_t k) {
    const auto begin = static_cast<std::size_t>(offsets[k]);
    return terms.subspan(begin, static_cast<std::size_t>(offsets[k + 1]) - begin);
  };
  std::int64_t i = 0;
  for (; i + kWide * lanes <= out.cols; i += kWide * lanes) {
    for (std::int64_t k = 0; k < out.rows; ++k) weighted_tile<kWide>(rows.data(), terms_of(k), i, out.row(k));
  }
  for (; i + lanes <= out.cols; i += lanes) {
    for (std::int64_t k = 0; k < out.rows; ++k) weighted_tile<1>(rows.data(), terms_of(k), i, out.row(k));
  }
  for (; i < out.cols; ++i) {
    for (std::int64_t k = 0; k < out.rows; ++k) {
      for (const WeightedRow term : terms_of(k)) out(k, i) += term.weight * rows[term.row][i];
    }
  }
}

}  // namespace wta::svm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta::svm {

HWY_EXPORT(add_dot_products_of_rows);
HWY_EXPORT(add_weighted_terms);

void add_dot_products(std::span<const float* const> rows, ConstMatrixView<float> w, MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(add_dot_products_of_rows)(rows, w, out);
}

void add_weighted_rows(std::span<const float* const> rows, std::span<const WeightedRow> terms,
                       std::span<const std::int64_t> offsets, MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(add_weighted_terms)(rows, terms, offsets, out);
}

}  // namespace wta::svm
#endif
