#pragma once
/// One Newton step of every class, by conjugate gradients.

#include <span>
#include <vector>

#include "eval/svm_active.h"
#include "eval/svm_preconditioner.h"
#include "wta/context.h"

namespace wta::svm {

struct NewtonStep {
  std::vector<double> direction;  ///< [classes, features+1]; 0 for classes that are done
  std::vector<double> gain;       ///< per class: what the quadratic model loses at the end of the step
};

/// Solves H[k] direction[k] = -grad[k] until the residual, in the norm of P^-1, is a tenth of what it was.
/// Math: H v = v + 2 C sum_{n active} (z[n] . v) z[n]; conjugate gradients, preconditioned by P.
/// The classes go in lockstep, so that a sample that is active for several is read once.
/// Source: Lin, Weng & Keerthi 2008, section 2; departs: no trust region (the line search is exact).
[[nodiscard]] NewtonStep newton_step(const Context& context, const ActivePairs& active,
                                     const Preconditioner& preconditioner, double C,
                                     std::span<const double> grad, const ClassFlags& left);

}  // namespace wta::svm
