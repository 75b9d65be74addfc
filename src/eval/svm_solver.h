#pragma once
/// L-BFGS (libLBFGS) on the classifier's objective for one value of C.

#include <cstdint>
#include <functional>
#include <vector>

#include "eval/svm_objective.h"
#include "eval/svm_preconditioner.h"

namespace wta::svm {

struct SolverOptions {
  double C = 1;
  /// Stop when every class is estimated to be within this fraction of its minimum. The estimate is low where
  /// C is large and few samples are active: measured, 8 to 60 times at C = 0.25, 100 to 500 at 16 to 256.
  double tolerance = 1e-4;
  std::int64_t max_iterations = 1000;
};

struct SolverResult {
  Value value;
  std::int64_t iterations = 0;
  std::int64_t evaluations = 0;
  bool converged = false;
};

/// Called after every iteration with the mean objective; may throw, which ends the solve.
using IterationCallback = std::function<void(std::int64_t iteration, double objective)>;

/// Minimises from `w` [classes, inputs], in place.
/// Stop rule: in the preconditioned variables the Hessian is near I, so half the squared gradient estimates
/// what is left to gain.
SolverResult solve(const Context& context, const Problem& problem, const Moments& moments,
                   const SolverOptions& options, std::vector<double>& w,
                   const IterationCallback& on_iteration = {});

}  // namespace wta::svm
