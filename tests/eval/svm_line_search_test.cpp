#include "eval/svm_line_search.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/rng.h"
#include "eval/svm_problems.h"

namespace wta {
namespace {

struct LineCase {
  explicit LineCase(double size) : rows(test::all_rows(200)) {
    const Rng rng(5, Purpose::shuffle);
    for (std::uint64_t i = 0; i < 200; ++i) {
      labels.push_back(static_cast<std::int32_t>(i % 2));
      scores.push_back(rng.normal(2 * i));
      // Mostly in the direction of the label: the line goes down.
      step_scores.push_back(size * ((i % 2 == 1 ? 0.5 : -0.5) + rng.normal(2 * i + 1)));
    }
    problem = {{}, labels, rows, 2, 1};
  }
  [[nodiscard]] svm::Line line() const { return {problem, 1, 4.0, scores, step_scores, 9, -0.2, 0.5}; }

  std::vector<std::int64_t> rows;
  std::vector<std::int32_t> labels;
  std::vector<double> scores;
  std::vector<double> step_scores;
  svm::Problem problem;
};

TEST(SvmLineSearch, AnyPoint_ThenTheObjectiveIsTheSum) {
  const LineCase f(1);
  for (const double t : {0.0, 0.3, 2.0}) {
    double expected = 0.5 * (9 - 0.4 * t + 0.5 * t * t);
    for (std::size_t i = 0; i < 200; ++i) {
      const double y = f.labels[i] == 1 ? 1 : -1;
      expected += 4 * std::pow(std::max(0.0, 1 - y * (f.scores[i] + t * f.step_scores[i])), 2);
    }
    EXPECT_NEAR(svm::objective_at(f.line(), t), expected, 1e-9 * expected);
  }
}

// Steps much too short and much too long: the bounds must be found too.
TEST(SvmLineSearch, AnyStepLength_ThenTheMinimumOnTheLine) {
  for (const double size : {1e-3, 1.0, 50.0}) {
    const LineCase f(size);
    const double best = svm::best_length(f.line());
    const double reached = svm::objective_at(f.line(), best);
    EXPECT_GT(best, 0);
    EXPECT_LT(reached, svm::objective_at(f.line(), 0));
    for (const double factor : {0.99, 1.01}) {
      EXPECT_GT(svm::objective_at(f.line(), factor * best), reached) << size;
    }
  }
}

}  // namespace
}  // namespace wta
