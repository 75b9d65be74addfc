#include "eval/svm_solver.h"

#include <gmock/gmock.h>

#include <cmath>

#include "eval/liblinear_oracle.h"
#include "eval/svm_problems.h"
#include "wta/error.h"

namespace wta {
namespace {

using test::LabelledCodes;

struct WholeProblem {
  explicit WholeProblem(const test::ProblemKind& kind)
      : data(test::make_problem(kind)),
        rows(test::all_rows(kind.samples)),
        problem{data.codes.matrix(), data.labels, rows, data.classes, test::rms_norm(data.codes.matrix())} {}
  LabelledCodes data;
  std::vector<std::int64_t> rows;
  svm::Problem problem;
};

/// Relative distance from the minimum, at most, over the classes. In double over all samples: a sample that
/// the solver left out wrongly would show. The objective is 1-strongly convex, so half the squared gradient
/// bounds the distance.
double largest_gap(const WholeProblem& f, double C, const std::vector<double>& w) {
  std::vector<double> grad(w.size());
  const auto codes = test::scaled(f.data.codes.matrix(), f.problem.code_scale);
  const auto value = svm::evaluate_reference(codes.matrix(), f.data.labels, f.data.classes, C, w, grad);
  const std::int64_t inputs = f.problem.inputs();
  double largest = 0;
  for (std::int64_t k = 0; k < f.data.classes; ++k) {
    const double* g = grad.data() + k * inputs;
    largest = std::max(largest, 0.5 * std::inner_product(g, g + inputs, g, 0.0) / value[k]);
  }
  return largest;
}

struct SolverCase {
  const char* name;
  test::ProblemKind kind;
  double C;
};

class SvmSolverKinds : public testing::TestWithParam<SolverCase> {};

TEST_P(SvmSolverKinds, TightTolerance_ThenTheGradientOverAllSamplesAlmostVanishesInFewSteps) {
  const WholeProblem f(GetParam().kind);
  const double C = GetParam().C;
  std::vector<double> w(static_cast<std::size_t>(f.problem.parameters()));
  const auto result = svm::solve(Context{}, f.problem, {C, 1e-9, 1000}, w);
  EXPECT_TRUE(result.converged);
  EXPECT_LE(result.iterations, 20);
  EXPECT_LT(largest_gap(f, C, w), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, SvmSolverKinds,
    testing::Values(SolverCase{"Tall", {.samples = 800, .features = 120, .noise = 3.0}, 1},
                    SolverCase{"Wide", {.samples = 100, .features = 300, .active = 0.3}, 1},
                    SolverCase{"TwoClasses", {.samples = 400, .features = 30, .classes = 2}, 1},
                    SolverCase{
                        "MoreActiveThanLandmarks", {.samples = 3000, .features = 700, .noise = 9}, 0.25},
                    SolverCase{"EverySampleActive", {.samples = 500, .features = 60}, 1e-5},
                    SolverCase{"Separable", {.samples = 300, .features = 50, .noise = 0.1}, 256}),
    [](const auto& case_info) { return std::string(case_info.param.name); });

TEST(SvmSolver, EverySampleActive_ThenIndeedEverySampleIs) {
  const WholeProblem f({.samples = 500, .features = 60});
  std::vector<double> w(static_cast<std::size_t>(f.problem.parameters()));
  svm::solve(Context{}, f.problem, {1e-5, 1e-9, 1000}, w);
  Tensor<float> scores({500, 10});
  svm::scores(Context{}, f.problem, w, scores.matrix());
  for (const float score : scores.span()) EXPECT_LT(std::abs(score), 1);
}

// The search over C on many features, each fit from the one before: no worse than liblinear for any C.
TEST(SvmSolver, PathOverC_ThenTheObjectivesOfLiblinear) {
  const WholeProblem f({.samples = 500, .features = 1100, .classes = 4, .noise = 4, .active = 0.6});
  const auto codes = test::scaled(f.data.codes.matrix(), f.problem.code_scale);
  std::vector<double> w(static_cast<std::size_t>(f.problem.parameters()));
  for (double C = 0x1p-6; C <= 256; C *= 4) {
    const auto result = svm::solve(Context{}, f.problem, {C, 1e-4, 1000}, w);
    EXPECT_TRUE(result.converged);
    const auto weights = test::liblinear_weights(codes.matrix(), f.data.labels, 4, C, 1e-6);
    const auto expected = test::objectives(codes.matrix(), f.data.labels, 4, C, weights);
    const auto reached = test::objectives(codes.matrix(), f.data.labels, 4, C, w);
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_LE(reached[k], (1 + 1e-3) * expected[k]) << C;
      EXPECT_NEAR(result.objective[k], reached[k], 1e-4 * reached[k]) << C;
    }
  }
}

TEST(SvmSolver, AnyThreadCount_ThenTheSameBits) {
  const WholeProblem f({.samples = 2000, .features = 530, .classes = 5, .noise = 6});
  std::vector<double> first;
  for (const int threads : {1, 2, 3}) {
    std::vector<double> w(static_cast<std::size_t>(f.problem.parameters()));
    svm::solve(Context{.threads = threads}, f.problem, {1, 1e-6, 1000}, w);
    if (threads == 1) first = w;
    EXPECT_EQ(w, first) << threads;
  }
}

TEST(SvmSolver, StartAtTheMinimum_ThenNoStep) {
  const WholeProblem f({.samples = 300, .features = 40, .noise = 3.0});
  std::vector<double> w(static_cast<std::size_t>(f.problem.parameters()));
  svm::solve(Context{}, f.problem, {1, 1e-9, 1000}, w);
  const auto before = w;
  const auto again = svm::solve(Context{}, f.problem, {1, 1e-6, 1000}, w);
  EXPECT_TRUE(again.converged);
  EXPECT_EQ(again.iterations, 0);
  EXPECT_EQ(w, before);
}

TEST(SvmSolver, LimitOfSteps_ThenUsedAsItIs) {
  const WholeProblem f({.samples = 300, .features = 40, .noise = 3.0});
  std::vector<double> w(static_cast<std::size_t>(f.problem.parameters()));
  const auto result = svm::solve(Context{}, f.problem, {1, 1e-9, 1}, w);
  EXPECT_FALSE(result.converged);
  EXPECT_EQ(result.iterations, 1);
}

TEST(SvmSolver, CallbackThrows_ThenTheExceptionComesOut) {
  const WholeProblem f({.samples = 200, .features = 20, .classes = 4, .noise = 3.0});
  std::vector<double> w(static_cast<std::size_t>(f.problem.parameters()));
  std::int64_t calls = 0;
  const auto stop = [&](std::int64_t, double) {
    if (++calls == 2) throw Interrupted("stop");
  };
  EXPECT_THROW(svm::solve(Context{}, f.problem, {1.0, 1e-8, 100}, w, stop), Interrupted);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace wta
