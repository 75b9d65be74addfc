#include "eval/svm_preconditioner.h"

#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "eval/svm_products.h"
#include "wta/error.h"

namespace wta::svm {
namespace {

constexpr std::int64_t kSamplesPerInput = 4;
constexpr std::int64_t kMaxDenseInputs = 6000;
constexpr std::int64_t kTile = 64;
constexpr std::int64_t kSampleChunk = 512;

using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Some samples, evenly spaced, one input per row: [inputs, samples].
Tensor<float> sampled_inputs(const Context& context, const Problem& problem, std::int64_t count) {
  Tensor<float> out({problem.inputs(), count});
  const auto scale = static_cast<float>(1 / problem.code_scale);
  const auto total = static_cast<std::int64_t>(problem.samples.size());
  parallel_for_tiles(context, count, kTile, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float* row = problem.codes.row(problem.samples[i * total / count]);
      for (std::int64_t d = 0; d < problem.codes.cols; ++d) out.matrix()(d, i) = row[d] * scale;
      out.matrix()(problem.codes.cols, i) = 1;
    }
  });
  return out;
}

/// out[i,j] += a[i] . a[j] for i in [begin, end), j in [0, end), in chunks that stay in cache.
void add_moment_rows(ConstMatrixView<float> a, std::int64_t begin, std::int64_t end, MatrixView<float> out) {
  std::vector<const float*> rows(static_cast<std::size_t>(end - begin));
  for (std::int64_t s = 0; s < a.cols; s += kSampleChunk) {
    const std::int64_t samples = std::min(kSampleChunk, a.cols - s);
    for (std::int64_t i = begin; i < end; ++i) rows[i - begin] = a.row(i) + s;
    for (std::int64_t j = 0; j < end; j += kTile) {
      const std::int64_t columns = std::min(kTile, end - j);
      const ConstMatrixView<float> w(a.row(j) + s, columns, samples, a.stride);
      add_dot_products(rows, w, MatrixView<float>(out.row(begin) + j, end - begin, columns, out.stride));
    }
  }
}

std::vector<float> diagonal_moments(const Problem& problem, std::int64_t count) {
  const auto total = static_cast<std::int64_t>(problem.samples.size());
  std::vector<double> sums(static_cast<std::size_t>(problem.codes.cols));
  for (std::int64_t i = 0; i < count; ++i) {
    const float* row = problem.codes.row(problem.samples[i * total / count]);
    for (std::int64_t d = 0; d < problem.codes.cols; ++d) sums[d] += static_cast<double>(row[d]) * row[d];
  }
  const double factor =
      static_cast<double>(total) / static_cast<double>(count) / (problem.code_scale * problem.code_scale);
  std::vector<float> out;
  for (const double sum : sums) out.push_back(static_cast<float>(sum * factor));
  out.push_back(static_cast<float>(total));
  return out;
}

/// The inverse of a lower triangle, by panels of columns (each starts at its own diagonal element).
Tensor<float> invert_lower(const Context& context, const FloatMatrix& lower) {
  const std::int64_t n = lower.rows();
  Tensor<float> out({n, n});
  Eigen::Map<FloatMatrix> inverse(out.data(), n, n);
  parallel_for_tiles(context, n, 2 * kTile, [&](std::int64_t begin, std::int64_t end) {
    FloatMatrix panel = FloatMatrix::Identity(n - begin, end - begin);
    lower.bottomRightCorner(n - begin, n - begin).triangularView<Eigen::Lower>().solveInPlace(panel);
    inverse.block(begin, begin, n - begin, end - begin) = panel;
  });
  return out;
}

}  // namespace

Moments estimate_moments(const Context& context, const Problem& problem) {
  const auto total = static_cast<std::int64_t>(problem.samples.size());
  const std::int64_t inputs = problem.inputs();
  const std::int64_t count = std::min(total, kSamplesPerInput * inputs);
  Moments moments{{}, diagonal_moments(problem, std::min<std::int64_t>(total, 4096))};
  if (inputs > kMaxDenseInputs || 2 * total < inputs) return moments;
  const Tensor<float> sampled = sampled_inputs(context, problem, count);
  moments.matrix = Tensor<float>({inputs, inputs});
  parallel_for_tiles(context, inputs, kTile, [&](std::int64_t begin, std::int64_t end) {
    add_moment_rows(sampled.matrix(), begin, end, moments.matrix.matrix());
    const float factor = static_cast<float>(total) / static_cast<float>(count);
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::int64_t j = 0; j < end; ++j) moments.matrix.matrix()(i, j) *= factor;
    }
  });
  return moments;
}

Preconditioner::Preconditioner(const Context& context, const Moments& moments, double C,
                               double active_fraction)
    : inputs_(static_cast<std::int64_t>(moments.diagonal.size())) {
  const auto factor = static_cast<float>(2 * C * active_fraction);
  if (moments.matrix.empty()) {
    for (const float moment : moments.diagonal) diagonal_.push_back(1 / std::sqrt(1.0 + factor * moment));
    return;
  }
  FloatMatrix hessian = Eigen::Map<const FloatMatrix>(moments.matrix.data(), inputs_, inputs_) * factor;
  hessian.diagonal().array() += 1.0F;
  // Rounding of a nearly singular matrix: a little more on the diagonal only makes it rounder.
  hessian.diagonal() *= 1.0F + 1e-5F;
  Eigen::LLT<Eigen::Ref<FloatMatrix>, Eigen::Lower> cholesky(hessian);
  if (cholesky.info() != Eigen::Success) {
    throw InternalError("svm preconditioner: the Hessian must be positive definite. Please report this.");
  }
  inverse_ = invert_lower(context, hessian);
}

void Preconditioner::to_weights(const Context& context, std::span<const double> origin,
                                std::span<const double> u, std::span<double> w) const {
  const auto classes = static_cast<std::int64_t>(u.size()) / inputs_;
  if (inverse_.empty()) {
    for (std::size_t i = 0; i < u.size(); ++i) w[i] = origin[i] + u[i] * diagonal_[i % diagonal_.size()];
    return;
  }
  std::vector<WeightedRow> terms;
  std::vector<std::int64_t> offsets;
  for (std::int64_t k = 0; k <= classes; ++k) offsets.push_back(k * inputs_);
  for (std::size_t i = 0; i < u.size(); ++i) {
    terms.push_back(
        {static_cast<std::int32_t>(static_cast<std::int64_t>(i) % inputs_), static_cast<float>(u[i])});
  }
  parallel_for_tiles(context, inputs_, 4 * kTile, [&](std::int64_t begin, std::int64_t end) {
    std::vector<const float*> rows;
    for (std::int64_t i = 0; i < inputs_; ++i) rows.push_back(inverse_.data() + i * inputs_ + begin);
    Tensor<float> step({classes, end - begin});
    add_weighted_rows(rows, terms, offsets, step.matrix());
    for (std::int64_t k = 0; k < classes; ++k) {
      for (std::int64_t d = begin; d < end; ++d) {
        w[k * inputs_ + d] = origin[k * inputs_ + d] + step.matrix()(k, d - begin);
      }
    }
  });
}

void Preconditioner::to_variables(const Context& context, std::span<const double> grad_w,
                                  std::span<double> grad_u) const {
  const auto classes = static_cast<std::int64_t>(grad_w.size()) / inputs_;
  if (inverse_.empty()) {
    for (std::size_t i = 0; i < grad_w.size(); ++i) grad_u[i] = grad_w[i] * diagonal_[i % diagonal_.size()];
    return;
  }
  Tensor<float> grad({classes, inputs_});
  std::transform(grad_w.begin(), grad_w.end(), grad.data(), [](double g) { return static_cast<float>(g); });
  parallel_for_tiles(context, inputs_, kTile, [&](std::int64_t begin, std::int64_t end) {
    std::vector<const float*> rows;
    for (std::int64_t i = begin; i < end; ++i) rows.push_back(inverse_.data() + i * inputs_);
    Tensor<float> out({end - begin, classes});
    add_dot_products(rows, grad.matrix(), out.matrix());
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::int64_t k = 0; k < classes; ++k) grad_u[k * inputs_ + i] = out.matrix()(i - begin, k);
    }
  });
}

}  // namespace wta::svm
