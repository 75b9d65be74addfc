#include "eval/svm_solver.h"

#include <lbfgs.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <numeric>

#include "wta/error.h"

namespace wta::svm {
namespace {

constexpr int kHistory = 10;

/// State of one run of libLBFGS. Its variables are v = u / step_: so scaled that its first step, which has
/// length 1, is the Newton step of the preconditioned problem.
class Run {
 public:
  Run(const Context& context, const Problem& problem, const Moments& moments, const SolverOptions& options,
      std::vector<double>& w, const IterationCallback& on_iteration)
      : context_(context),
        problem_(problem),
        options_(options),
        on_iteration_(on_iteration),
        origin_(w),
        w_(w),
        grad_w_(w.size()),
        u_(w.size()),
        grad_u_(w.size()) {
    evaluate_weights();
    preconditioner_ =
        std::make_unique<Preconditioner>(context, moments, options.C, result_.value.active_fraction);
    preconditioner_->to_variables(context_, grad_w_, grad_u_);
    const double norm = std::sqrt(std::inner_product(grad_u_.begin(), grad_u_.end(), grad_u_.begin(), 0.0));
    step_ = norm > 0 ? norm : 1;
    start_is_known_ = true;
  }

  SolverResult minimise() {
    if (!std::isfinite(objective())) diverged();
    if (is_converged()) {
      result_.converged = true;
      return result_;
    }
    lbfgs_parameter_t parameters;
    lbfgs_parameter_init(&parameters);
    parameters.m = kHistory;
    parameters.epsilon = 0;  // our own rule stops
    parameters.max_iterations = static_cast<int>(options_.max_iterations);
    const std::unique_ptr<lbfgsfloatval_t, decltype(&lbfgs_free)> v(lbfgs_malloc(static_cast<int>(w_.size())),
                                                                    &lbfgs_free);
    if (!v) throw MemoryError("svm: no memory for the solver's variables. Try: fewer features.");
    std::fill(v.get(), v.get() + w_.size(), 0.0);
    lbfgs(static_cast<int>(w_.size()), v.get(), nullptr, &Run::evaluate_callback, &Run::progress_callback,
          this, &parameters);
    if (failure_) std::rethrow_exception(failure_);
    // libLBFGS gives back its best point, also when the line search met the limit of float32.
    evaluate({v.get(), w_.size()}, grad_u_);
    if (!std::isfinite(objective())) diverged();
    return result_;
  }

 private:
  static double evaluate_callback(void* self, const double* v, double* grad_v, int n, double) {
    return static_cast<Run*>(self)->evaluate_guarded({v, static_cast<std::size_t>(n)},
                                                     {grad_v, static_cast<std::size_t>(n)});
  }

  static int progress_callback(void* self, const double*, const double*, double, double, double, double, int,
                               int iteration, int) {
    return static_cast<Run*>(self)->should_stop(iteration) ? 1 : 0;
  }

  [[noreturn]] static void diverged() {
    throw DivergedError("svm: the objective must stay finite; got NaN or infinity. Try: finite codes.");
  }

  void evaluate_weights() {
    result_.value = wta::svm::evaluate(context_, problem_, options_.C, w_, grad_w_);
    ++result_.evaluations;
  }

  [[nodiscard]] double objective() const {
    return std::accumulate(result_.value.objective.begin(), result_.value.objective.end(), 0.0);
  }

  /// Moves to v; the gradient by u is kept for the stop rule.
  void evaluate(std::span<const double> v, std::span<double> grad_v) {
    if (!start_is_known_) {
      for (std::size_t i = 0; i < v.size(); ++i) u_[i] = v[i] * step_;
      preconditioner_->to_weights(context_, origin_, u_, w_);
      evaluate_weights();
      preconditioner_->to_variables(context_, grad_w_, grad_u_);
    }
    start_is_known_ = false;
    for (std::size_t i = 0; i < v.size(); ++i) grad_v[i] = grad_u_[i] * step_;
  }

  /// No exception may pass through the C library: it is kept, and the run ends at the next iteration.
  double evaluate_guarded(std::span<const double> v, std::span<double> grad_v) {
    if (failure_) return 0;
    try {
      evaluate(v, grad_v);
    } catch (...) {
      failure_ = std::current_exception();
      return 0;
    }
    return objective();
  }

  [[nodiscard]] bool is_converged() const {
    const auto inputs = static_cast<std::size_t>(problem_.inputs());
    for (std::size_t k = 0; k < result_.value.objective.size(); ++k) {
      const auto begin = grad_u_.begin() + static_cast<std::ptrdiff_t>(k * inputs);
      const auto end = begin + static_cast<std::ptrdiff_t>(inputs);
      const double gain = 0.5 * std::inner_product(begin, end, begin, 0.0);
      if (gain > options_.tolerance * result_.value.objective[k]) return false;
    }
    return true;
  }

  bool should_stop(int iteration) {
    if (failure_) return true;
    result_.iterations = iteration;
    try {
      if (on_iteration_) on_iteration_(iteration, objective());
    } catch (...) {
      failure_ = std::current_exception();
      return true;
    }
    result_.converged = is_converged();
    return result_.converged;
  }

  const Context& context_;
  const Problem& problem_;
  const SolverOptions& options_;
  const IterationCallback& on_iteration_;
  std::unique_ptr<Preconditioner> preconditioner_;
  const std::vector<double> origin_;
  std::vector<double>& w_;
  std::vector<double> grad_w_;
  std::vector<double> u_;
  std::vector<double> grad_u_;
  double step_ = 1;
  bool start_is_known_ = false;
  std::exception_ptr failure_;
  SolverResult result_;
};

}  // namespace

SolverResult solve(const Context& context, const Problem& problem, const Moments& moments,
                   const SolverOptions& options, std::vector<double>& w,
                   const IterationCallback& on_iteration) {
  return Run(context, problem, moments, options, w, on_iteration).minimise();
}

}  // namespace wta::svm
