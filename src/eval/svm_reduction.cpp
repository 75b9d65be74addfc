#include "eval/svm_reduction.h"

#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Cholesky>
#include <algorithm>

#include "core/parallel.h"
#include "wta/error.h"

namespace wta::svm {
namespace {

using DoubleMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::int64_t kGramTile = 64;
constexpr std::int64_t kGramChunk = 1024;
/// Added to the diagonal, relative to the trace: samples that repeat each other leave X X^T singular, and
/// rounding may leave it below. Seen by the classifier as a feature of its own for each sample, 1e-5 in size.
constexpr double kGramJitter = 1e-12;

/// Rows [begin, end) of the codes, some of their features, in double.
DoubleMatrix block(ConstMatrixView<float> codes, std::int64_t begin, std::int64_t end, std::int64_t feature,
                   std::int64_t count) {
  using Codes = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Codes, 0, Eigen::OuterStride<>>(codes.row(begin) + feature, end - begin, count,
                                                          Eigen::OuterStride<>(codes.stride))
      .cast<double>();
}

/// out = X X^T, lower triangle.
void multiply_by_transpose(const Context& context, ConstMatrixView<float> codes, MatrixView<double> out) {
  parallel_for_tiles(context, codes.rows, kGramTile, [&](std::int64_t begin, std::int64_t end) {
    Eigen::Map<DoubleMatrix, 0, Eigen::OuterStride<>> target(out.row(begin), end - begin, end,
                                                             Eigen::OuterStride<>(out.stride));
    for (std::int64_t d = 0; d < codes.cols; d += kGramChunk) {
      const std::int64_t count = std::min(kGramChunk, codes.cols - d);
      const DoubleMatrix rows = block(codes, begin, end, d, count);
      for (std::int64_t j = 0; j < end; j += kGramTile) {
        const std::int64_t last = std::min(j + kGramTile, end);
        target.middleCols(j, last - j).noalias() += rows * block(codes, j, last, d, count).transpose();
      }
    }
  });
}

}  // namespace

bool Reduction::applies(ConstMatrixView<float> codes) {
  return codes.rows < codes.cols && codes.rows <= kMaxSamples;
}

Reduction::Reduction(const Context& context, ConstMatrixView<float> codes, double code_scale)
    : original_(codes), factor_({codes.rows, codes.rows}), triangle_({codes.rows, codes.rows}) {
  const std::int64_t n = codes.rows;
  multiply_by_transpose(context, codes, factor_.matrix());
  Eigen::Map<DoubleMatrix> gram(factor_.data(), n, n);
  gram.diagonal().array() += kGramJitter * static_cast<double>(n) * code_scale * code_scale;
  const Eigen::LLT<Eigen::Ref<DoubleMatrix>, Eigen::Lower> cholesky(gram);
  if (cholesky.info() != Eigen::Success) {
    throw InternalError("svm: the products of the codes must be positive definite. Please report this.");
  }
  for (std::int64_t i = 0; i < n; ++i) {
    const double* row = factor_.matrix().row(i);
    std::transform(row, row + i + 1, triangle_.matrix().row(i),
                   [](double x) { return static_cast<float>(x); });
  }
}

std::vector<double> Reduction::weights(const Context& context, std::span<const double> u) const {
  const std::int64_t n = original_.rows;
  Eigen::VectorXd share = Eigen::Map<const Eigen::VectorXd>(u.data(), n);
  const Eigen::Map<const DoubleMatrix> factor(factor_.data(), n, n);
  factor.transpose().triangularView<Eigen::Upper>().solveInPlace(share);
  std::vector<double> w(static_cast<std::size_t>(original_.cols));
  parallel_for_tiles(context, original_.cols, kGramChunk, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = 0; i < n; ++i) {
      const float* row = original_.row(i);
      for (std::int64_t d = begin; d < end; ++d) w[d] += share[i] * row[d];
    }
  });
  return w;
}

}  // namespace wta::svm
