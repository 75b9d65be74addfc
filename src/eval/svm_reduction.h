#pragma once
/// Few samples, many features: the same problem with as many features as samples.

#include <cstdint>
#include <span>
#include <vector>

#include "wta/context.h"
#include "wta/tensor.h"

namespace wta::svm {

/// Codes turned so that their features beyond the samples vanish.
/// Math: X X^T = L L^T (Cholesky).  Q = L^-1 X has orthonormal rows and X = L Q, so w = Q^T u keeps both the
/// scores (X w = L u) and the norm (|w| = |u|), and the best w is of this form: it is a sum of samples.
class Reduction {
 public:
  /// More samples are trained as they are: this costs samples^2 x features in double.
  static constexpr std::int64_t kMaxSamples = 4000;
  [[nodiscard]] static bool applies(ConstMatrixView<float> codes);

  /// codes [samples, features], kept by reference; `code_scale` is their root mean square norm.
  Reduction(const Context& context, ConstMatrixView<float> codes, double code_scale);

  /// L: what to train on in place of the codes. [samples, samples]
  [[nodiscard]] ConstMatrixView<float> codes() const { return triangle_.matrix(); }
  /// w = X^T L^-T u. u [samples] -> w [features].
  [[nodiscard]] std::vector<double> weights(const Context& context, std::span<const double> u) const;

 private:
  ConstMatrixView<float> original_;
  Tensor<double> factor_;   // L
  Tensor<float> triangle_;  // L, rounded
};

}  // namespace wta::svm
