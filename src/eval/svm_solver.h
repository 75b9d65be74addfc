#pragma once
/// Newton's method on the classifier's objective, for one value of C.

#include <cstdint>
#include <functional>
#include <vector>

#include "eval/svm_objective.h"

namespace wta::svm {

struct SolverOptions {
  double C = 1;
  /// A class is done when its next step would gain less than this fraction of its objective.
  double tolerance = 1e-4;
  std::int64_t max_iterations = 1000;
};

struct SolverResult {
  std::vector<double> objective;  ///< per class
  std::int64_t iterations = 0;
  bool converged = false;  ///< every class within the tolerance; false: at a limit
};

/// Called after every iteration with the objective, summed over classes; may throw, which ends the solve.
using IterationCallback = std::function<void(std::int64_t iteration, double objective)>;

/// Minimises from `w` [classes, features+1], in place. A step is Newton's for the samples that are active at
/// its start, then the line is searched exactly: the objective is piecewise quadratic, so few steps do.
/// Every step scores all samples, so none that becomes active is missed; all else reads active ones only.
/// Cost: one read of the data per step, and of its active part per step of conjugate gradients.
/// Source: Keerthi & DeCoste 2005; departs: conjugate gradients on the normal equations are preconditioned.
SolverResult solve(const Context& context, const Problem& problem, const SolverOptions& options,
                   std::vector<double>& w, const IterationCallback& on_iteration = {});

}  // namespace wta::svm
