#pragma once
/// A change of variables that makes the classifier's objective nearly round, so that few iterations do.

#include <cstdint>
#include <span>
#include <vector>

#include "eval/svm_objective.h"
#include "wta/context.h"
#include "wta/tensor.h"

namespace wta::svm {

/// Second moments of the inputs (scaled code, 1), estimated from at most kSamplesPerInput samples per input,
/// summed over all samples: either the whole matrix (lower triangle) or its diagonal.
struct Moments {
  Tensor<float> matrix;         ///< [inputs, inputs]; empty when only the diagonal is kept
  std::vector<float> diagonal;  ///< [inputs]
};

/// The whole matrix up to kMaxDenseInputs inputs and where the samples are at least half as many.
[[nodiscard]] Moments estimate_moments(const Context& context, const Problem& problem);

/// Variables u with w = origin + M^T u, where M^T M is near the inverse of the Hessian
///   I + 2 C sum_{n active} z[n] z[n]^T  ~  I + 2 C active_fraction moments  =  L L^T,   M = L^-1.
/// The active samples differ between classes; one M for all is what keeps this cheap.
class Preconditioner {
 public:
  Preconditioner(const Context& context, const Moments& moments, double C, double active_fraction);

  /// w[k] = origin[k] + M^T u[k]; all [classes, inputs].
  void to_weights(const Context& context, std::span<const double> origin, std::span<const double> u,
                  std::span<double> w) const;
  /// Gradient by u of a function whose gradient by w is grad_w: grad_u[k] = M grad_w[k].
  void to_variables(const Context& context, std::span<const double> grad_w, std::span<double> grad_u) const;

 private:
  std::int64_t inputs_ = 0;
  Tensor<float> inverse_;  // M, lower triangular, row-major; empty: diagonal_ stands for it
  std::vector<double> diagonal_;
};

}  // namespace wta::svm
