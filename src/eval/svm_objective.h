#pragma once
/// The problem that the linear classifier solves, its scores and, for the tests, its objective.

#include <cstdint>
#include <span>
#include <vector>

#include "wta/context.h"
#include "wta/tensor.h"

namespace wta::svm {

/// The samples to learn from: some rows of a code matrix. A view: the data outlives it.
/// Math: E[k] = 1/2 |w[k]|^2 + C sum_n max(0, m)^2,  m = 1 - y f,  f = w[k] . (x[n] / code_scale, 1)
struct Problem {
  ConstMatrixView<float> codes;           ///< [samples, features]
  std::span<const std::int32_t> labels;   ///< [samples], in 0 .. classes-1
  std::span<const std::int64_t> samples;  ///< rows that take part
  std::int64_t classes = 0;
  double code_scale = 1;  ///< codes are divided by this, on the fly

  /// Weights of one class: one per feature, then the bias (weight of the constant feature 1).
  [[nodiscard]] std::int64_t inputs() const { return codes.cols + 1; }
  [[nodiscard]] std::int64_t parameters() const { return classes * inputs(); }
  /// y: +1 where samples[i] is of class k, else -1.
  [[nodiscard]] double sign(std::int64_t i, std::int64_t k) const {
    return labels[static_cast<std::size_t>(samples[static_cast<std::size_t>(i)])] == k ? 1 : -1;
  }
};

/// Weights as the products want them: float, divided by the scale of the codes, the bias apart.
struct FloatWeights {
  Tensor<float> weight;     ///< [classes, features]
  std::vector<float> bias;  ///< [classes]

  /// w [classes, features+1]
  FloatWeights(const Problem& problem, std::span<const double> w);
};

/// out[i,k] = w[k] . (x[samples[i]] / code_scale, 1), products in float32. out [samples, classes]
/// (assigns). Cost: one read of the data. Same bits for any number of threads.
void scores(const Context& context, const Problem& problem, std::span<const double> w, MatrixView<float> out);

/// The objective of each class in double, serial and plain, for codes [samples, features] that are scaled;
///   grad[k] = w[k] - 2 C sum_{n: m > 0} y m (x[n], 1)
/// in   w     [classes, features+1]
/// out  grad  [classes, features+1] (assigns)
[[nodiscard]] std::vector<double> evaluate_reference(ConstMatrixView<double> codes,
                                                     std::span<const std::int32_t> labels,
                                                     std::int64_t classes, double C,
                                                     std::span<const double> w, std::span<double> grad);

}  // namespace wta::svm
