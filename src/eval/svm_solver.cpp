#include "eval/svm_solver.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/parallel.h"
#include "eval/dot.h"
#include "eval/svm_active.h"
#include "eval/svm_line_search.h"
#include "eval/svm_newton_step.h"
#include "eval/svm_preconditioner.h"
#include "wta/error.h"

namespace wta::svm {
namespace {

constexpr std::int64_t kSampleTile = 1024;

class Newton {
 public:
  Newton(const Context& context, const Problem& problem, const SolverOptions& options, std::vector<double>& w,
         const IterationCallback& on_iteration)
      : context_(context),
        problem_(problem),
        options_(options),
        on_iteration_(on_iteration),
        w_(w),
        scores_({problem.classes, static_cast<std::int64_t>(problem.samples.size())}),
        step_scores_(scores_.shape()),
        left_(static_cast<std::size_t>(problem.classes), 1) {
    score(w_, scores_);
    const std::vector<double> nowhere(w.size());
    for (std::int64_t k = 0; k < problem.classes; ++k) {
      result_.objective.push_back(objective_at(line(k, nowhere), 0));
    }
    check_finite();
  }

  SolverResult minimise() {
    while (result_.iterations < options_.max_iterations) {
      const NewtonStep step = find_step();
      for (std::size_t k = 0; k < left_.size(); ++k) {
        if (!(step.gain[k] > options_.tolerance * result_.objective[k])) left_[k] = 0;
      }
      result_.converged = !is_any_left() && !stalled_;
      if (!is_any_left()) break;
      move(step.direction);
      check_finite();
      ++result_.iterations;
      if (on_iteration_) on_iteration_(result_.iterations, total_objective());
      if (!is_any_left()) break;
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool is_any_left() const { return std::ranges::count(left_, 1) > 0; }

  [[nodiscard]] double total_objective() const {
    return std::accumulate(result_.objective.begin(), result_.objective.end(), 0.0);
  }

  void check_finite() const {
    if (std::isfinite(total_objective())) return;
    throw DivergedError("svm: the objective must stay finite; got NaN or infinity. Try: finite codes.");
  }

  template <class Values>
  auto of_class(Values& v, std::int64_t k) const {
    const auto inputs = static_cast<std::size_t>(problem_.inputs());
    return std::span(v).subspan(static_cast<std::size_t>(k) * inputs, inputs);
  }

  /// Scores of all samples, class by class.
  void score(std::span<const double> w, Tensor<double>& out) const {
    Tensor<float> by_sample({scores_.row_size(), problem_.classes});
    scores(context_, problem_, w, by_sample.matrix());
    parallel_for_tiles(context_, by_sample.row_count(), kSampleTile,
                       [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t k = 0; k < problem_.classes; ++k) {
                           for (std::int64_t i = begin; i < end; ++i)
                             out.matrix()(k, i) = by_sample.matrix()(i, k);
                         }
                       });
  }

  [[nodiscard]] NewtonStep find_step() const {
    const ActivePairs active(problem_, scores_.matrix(), left_);
    std::vector<double> grad(w_.size());
    active.sum_losses(context_, grad);
    for (std::size_t i = 0; i < grad.size(); ++i) grad[i] = w_[i] + 2 * options_.C * grad[i];
    const Preconditioner preconditioner(context_, active, options_.C, left_);
    return newton_step(context_, active, preconditioner, options_.C, grad, left_);
  }

  [[nodiscard]] Line line(std::int64_t k, const std::vector<double>& step) const {
    const auto w = of_class(w_, k);
    const auto d = of_class(step, k);
    return {problem_,  k,         options_.C, scores_.matrix().row_span(k), step_scores_.matrix().row_span(k),
            dot(w, w), dot(w, d), dot(d, d)};
  }

  /// Takes every class that is left to the minimum along its step.
  void move(const std::vector<double>& step) {
    score(step, step_scores_);
    std::vector<char> lowered(left_.size());
    parallel_for(context_, problem_.classes, [&](std::int64_t k) {
      if (left_[k] != 0) lowered[k] = move_class(k, step) ? 1 : 0;
    });
    for (std::size_t k = 0; k < left_.size(); ++k) {
      if (left_[k] == 0 || lowered[k] != 0) continue;
      left_[k] = 0;
      stalled_ = true;
    }
  }

  /// False where rounding hides what is left to gain: then nothing moves.
  bool move_class(std::int64_t k, const std::vector<double>& step) {
    const Line along = line(k, step);
    const double length = best_length(along);
    const double reached = objective_at(along, length);
    if (reached >= result_.objective[k]) return false;
    result_.objective[k] = reached;
    const auto w = of_class(w_, k);
    const auto d = of_class(step, k);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] += length * d[i];
    for (std::int64_t i = 0; i < scores_.row_size(); ++i) {
      scores_.matrix()(k, i) += length * step_scores_.matrix()(k, i);
    }
    return true;
  }

  const Context& context_;
  const Problem& problem_;
  const SolverOptions& options_;
  const IterationCallback& on_iteration_;
  std::vector<double>& w_;
  Tensor<double> scores_;       // [classes, samples]
  Tensor<double> step_scores_;  // [classes, samples]
  ClassFlags left_;
  bool stalled_ = false;
  SolverResult result_;
};

}  // namespace

SolverResult solve(const Context& context, const Problem& problem, const SolverOptions& options,
                   std::vector<double>& w, const IterationCallback& on_iteration) {
  return Newton(context, problem, options, w, on_iteration).minimise();
}

}  // namespace wta::svm
