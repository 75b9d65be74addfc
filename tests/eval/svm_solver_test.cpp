#include "eval/svm_solver.h"

#include <gmock/gmock.h>

#include <cmath>

#include "eval/liblinear_oracle.h"
#include "eval/svm_problems.h"
#include "wta/error.h"

namespace wta {
namespace {

using test::LabelledCodes;

struct Fixture {
  explicit Fixture(const test::ProblemKind& kind)
      : data(test::make_problem(kind)),
        rows(test::all_rows(kind.samples)),
        problem{data.codes.matrix(), data.labels, rows, data.classes, test::rms_norm(data.codes.matrix())} {}
  LabelledCodes data;
  std::vector<std::int64_t> rows;
  svm::Problem problem;
};

TEST(SvmMoments, EverySampleUsed_ThenTheySumTheProducts) {
  const Fixture f({.samples = 300, .features = 90, .classes = 3});
  const svm::Moments moments = svm::estimate_moments(Context{}, f.problem);
  const auto codes = test::scaled(f.data.codes.matrix(), f.problem.code_scale);
  const auto input = [&](std::int64_t n, std::int64_t d) { return d < 90 ? codes.matrix()(n, d) : 1.0; };
  for (const std::int64_t i : {0, 5, 63, 64, 89, 90}) {
    for (std::int64_t j = 0; j <= i; j += 3) {
      double sum = 0;
      for (std::int64_t n = 0; n < 300; ++n) sum += input(n, i) * input(n, j);
      EXPECT_NEAR(moments.matrix.matrix()(i, j), sum, 1e-3) << i << "," << j;
      if (i == j) {
        EXPECT_NEAR(moments.diagonal[i], sum, 1e-3);
      }
    }
  }
}

TEST(SvmPreconditioner, ActiveEverywhere_ThenItInvertsTheHessian) {
  const Fixture f({.samples = 400, .features = 150, .classes = 2});
  const Context context;
  const svm::Moments moments = svm::estimate_moments(context, f.problem);
  const svm::Preconditioner preconditioner(context, moments, 3.0, 1.0);
  const auto inputs = static_cast<std::size_t>(f.problem.inputs());
  // For any v: M H M^T v = v, with H v = v + 2 C moments v.
  std::vector<double> v(inputs), w(inputs), h(inputs), back(inputs);
  for (std::size_t i = 0; i < inputs; ++i) v[i] = std::sin(1.0 + static_cast<double>(i));
  preconditioner.to_weights(context, std::vector<double>(inputs), v, w);
  for (std::size_t i = 0; i < inputs; ++i) {
    h[i] = w[i];
    for (std::size_t j = 0; j < inputs; ++j) {
      h[i] += 6.0 * moments.matrix.matrix()(std::max(i, j), std::min(i, j)) * w[j];
    }
  }
  preconditioner.to_variables(context, h, back);
  for (std::size_t i = 0; i < inputs; ++i) EXPECT_NEAR(back[i], v[i], 2e-3) << i;
}

class SvmSolverKinds : public testing::TestWithParam<test::ProblemKind> {};

TEST_P(SvmSolverKinds, DefaultTolerance_ThenTheGradientAlmostVanishes) {
  const Fixture f(GetParam());
  const Context context;
  std::vector<double> w(static_cast<std::size_t>(f.problem.parameters()));
  const auto result =
      svm::solve(context, f.problem, svm::estimate_moments(context, f.problem), {1.0, 1e-7, 1000}, w);
  EXPECT_TRUE(result.converged);
  std::vector<double> grad(w.size());
  const auto codes = test::scaled(f.data.codes.matrix(), f.problem.code_scale);
  const auto value = svm::evaluate_reference(codes.matrix(), f.data.labels, f.data.classes, 1.0, w, grad);
  // The objective is 1-strongly convex: half the squared gradient bounds the distance to the minimum.
  const std::int64_t inputs = f.problem.inputs();
  for (std::int64_t k = 0; k < f.data.classes; ++k) {
    const double* g = grad.data() + k * inputs;
    EXPECT_LT(0.5 * std::inner_product(g, g + inputs, g, 0.0), 1e-3 * value.objective[k]) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(DenseAndDiagonal, SvmSolverKinds,
                         testing::Values(test::ProblemKind{.samples = 800, .features = 120, .noise = 3.0},
                                         test::ProblemKind{.samples = 100, .features = 300, .active = 0.3},
                                         test::ProblemKind{.samples = 400, .features = 30, .classes = 2}));

TEST(SvmSolver, CallbackThrows_ThenTheExceptionComesOut) {
  const Fixture f({.samples = 200, .features = 20, .classes = 4, .noise = 3.0});
  std::vector<double> w(static_cast<std::size_t>(f.problem.parameters()));
  std::int64_t calls = 0;
  const auto stop = [&](std::int64_t, double) {
    if (++calls == 2) throw Interrupted("stop");
  };
  const Context context;
  EXPECT_THROW(
      svm::solve(context, f.problem, svm::estimate_moments(context, f.problem), {1.0, 1e-8, 100}, w, stop),
      Interrupted);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace wta
