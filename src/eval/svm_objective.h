#pragma once
/// The objective of the linear classifier and its gradient, all classes in one pass over the data.

#include <cstdint>
#include <span>
#include <vector>

#include "wta/context.h"
#include "wta/tensor.h"

namespace wta::svm {

/// The samples to learn from: some rows of a code matrix. A view: the data outlives it.
struct Problem {
  ConstMatrixView<float> codes;           ///< [samples, features]
  std::span<const std::int32_t> labels;   ///< [samples], in 0 .. classes-1
  std::span<const std::int64_t> samples;  ///< rows that take part
  std::int64_t classes = 0;
  double code_scale = 1;  ///< codes are divided by this, on the fly

  /// Weights of one class: one per feature, then the bias (weight of the constant feature 1).
  [[nodiscard]] std::int64_t inputs() const { return codes.cols + 1; }
  [[nodiscard]] std::int64_t parameters() const { return classes * inputs(); }
};

/// What an evaluation learns beside the gradient.
struct Value {
  std::vector<double> objective;  ///< per class
  double active_fraction = 0;     ///< (sample, class) pairs with a loss > 0
};

/// Math: E[k] = 1/2 |w[k]|^2 + C sum_n max(0, m)^2,  m = 1 - y f,  f = w[k] . (x[n] / code_scale, 1),
///       y = +1 if labels[n] = k, else -1;   grad[k] = w[k] - 2 C sum_{n: m > 0} y m (x[n] / code_scale, 1)
/// in   w     [classes, features+1]
/// out  grad  [classes, features+1] (assigns)
/// Products in float32, sums over more than kRowsPerSum samples in double.
/// Cost: one read of the data. Same bits for any number of threads.
[[nodiscard]] Value evaluate(const Context& context, const Problem& problem, double C,
                             std::span<const double> w, std::span<double> grad);

/// scores[i,k] = w[k] . (x[samples[i]] / code_scale, 1), the same way. scores [samples, classes] (assigns).
void scores(const Context& context, const Problem& problem, std::span<const double> w,
            MatrixView<float> scores);

/// The same value in double, serial and plain: what `evaluate` answers to. codes [samples, features].
[[nodiscard]] Value evaluate_reference(ConstMatrixView<double> codes, std::span<const std::int32_t> labels,
                                       std::int64_t classes, double C, std::span<const double> w,
                                       std::span<double> grad);

}  // namespace wta::svm
