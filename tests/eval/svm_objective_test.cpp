#include "eval/svm_objective.h"

#include <gmock/gmock.h>

#include <cmath>

#include "eval/liblinear_oracle.h"
#include "eval/svm_problems.h"

namespace wta {
namespace {

using test::LabelledCodes;

std::vector<double> random_weights(std::int64_t count, double size) {
  const Rng rng(3, Purpose::initial_weights);
  std::vector<double> w;
  for (std::int64_t i = 0; i < count; ++i) w.push_back(size * rng.normal(static_cast<std::uint64_t>(i)));
  return w;
}

TEST(SvmObjective, GradientInDoubleEqualsCentralDifferences) {
  const LabelledCodes data = test::make_problem({.samples = 60, .features = 7, .classes = 3});
  const Tensor<double> codes = test::scaled(data.codes.matrix(), test::rms_norm(data.codes.matrix()));
  std::vector<double> w = random_weights(3 * 8, 1.0);
  std::vector<double> grad(w.size());
  std::vector<double> unused(w.size());
  (void)svm::evaluate_reference(codes.matrix(), data.labels, 3, 2.5, w, grad);
  const auto total = [&] {
    const auto value = svm::evaluate_reference(codes.matrix(), data.labels, 3, 2.5, w, unused);
    return value[0] + value[1] + value[2];
  };
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double at = w[i];
    const double h = 1e-5;
    w[i] = at + h;
    const double above = total();
    w[i] = at - h;
    const double below = total();
    w[i] = at;
    EXPECT_NEAR((above - below) / (2 * h), grad[i], 1e-6 * std::max(1.0, std::abs(grad[i]))) << i;
  }
}

TEST(SvmScores, SomeSamples_ThenOnlyTheseAreScoredAndAnyThreadCountGivesTheSameBits) {
  const LabelledCodes data = test::make_problem({.samples = 500, .features = 131, .classes = 7});
  std::vector<std::int64_t> rows;
  for (std::int64_t n = 3; n < 500; n += 2) rows.push_back(n);
  const svm::Problem problem{data.codes.matrix(), data.labels, rows, 7, 2.5};
  const auto w = random_weights(problem.parameters(), 0.5);
  Tensor<float> first({static_cast<std::int64_t>(rows.size()), 7});
  svm::scores(Context{.threads = 1}, problem, w, first.matrix());
  for (const std::int64_t i : {0, 1, 63, 64, 100, 248}) {
    for (std::int64_t k = 0; k < 7; ++k) {
      double expected = w[k * 132 + 131];
      for (std::int64_t d = 0; d < 131; ++d)
        expected += w[k * 132 + d] * data.codes.matrix()(rows[i], d) / 2.5;
      EXPECT_NEAR(first.matrix()(i, k), expected, 1e-4);
    }
  }
  for (const int threads : {2, 3}) {
    Tensor<float> other(first.shape());
    svm::scores(Context{.threads = threads}, problem, w, other.matrix());
    EXPECT_TRUE(std::ranges::equal(other.span(), first.span())) << threads;
  }
}

}  // namespace
}  // namespace wta
