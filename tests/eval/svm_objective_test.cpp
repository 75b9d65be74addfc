#include "eval/svm_objective.h"

#include <gmock/gmock.h>

#include <cmath>

#include "eval/liblinear_oracle.h"
#include "eval/svm_problems.h"

namespace wta {
namespace {

using test::LabelledCodes;
using test::ProblemKind;

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
    return value.objective[0] + value.objective[1] + value.objective[2];
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

// Odd sizes: rows that fill no block, features that fill no vector, classes that fill no tile.
struct Sizes {
  std::int64_t samples, features, classes;
};

class SvmObjectiveSizes : public testing::TestWithParam<Sizes> {};

TEST_P(SvmObjectiveSizes, FloatPathThenEqualsReferenceAndAnyThreadCountGivesTheSameBits) {
  const auto [samples, features, classes] = GetParam();
  const LabelledCodes data =
      test::make_problem({.samples = samples, .features = features, .classes = classes, .active = 0.6});
  const double scale = test::rms_norm(data.codes.matrix());
  const auto rows = test::all_rows(samples);
  const svm::Problem problem{data.codes.matrix(), data.labels, rows, classes, scale};
  const std::vector<double> w = random_weights(problem.parameters(), 0.7);

  std::vector<double> expected_grad(w.size());
  const auto codes = test::scaled(data.codes.matrix(), scale);
  const auto expected = svm::evaluate_reference(codes.matrix(), data.labels, classes, 4, w, expected_grad);
  std::vector<double> first_grad;
  std::vector<double> first_objective;
  for (const int threads : {1, 2, 3}) {
    Context context;
    context.threads = threads;
    std::vector<double> grad(w.size(), 99.0);
    const auto value = svm::evaluate(context, problem, 4, w, grad);
    if (threads == 1) {
      first_grad = grad;
      first_objective = value.objective;
      for (std::int64_t k = 0; k < classes; ++k) {
        EXPECT_NEAR(value.objective[k], expected.objective[k], 1e-5 * expected.objective[k]);
      }
      const double size = std::sqrt(
          std::inner_product(expected_grad.begin(), expected_grad.end(), expected_grad.begin(), 0.0));
      for (std::size_t i = 0; i < grad.size(); ++i) EXPECT_NEAR(grad[i], expected_grad[i], 1e-5 * size);
      EXPECT_NEAR(value.active_fraction, expected.active_fraction, 1e-9);
    }
    EXPECT_EQ(grad, first_grad) << threads;
    EXPECT_EQ(value.objective, first_objective) << threads;
  }
}

INSTANTIATE_TEST_SUITE_P(OddSizes, SvmObjectiveSizes,
                         testing::Values(Sizes{2, 1, 2}, Sizes{7, 3, 2}, Sizes{65, 17, 4}, Sizes{300, 33, 5},
                                         Sizes{1001, 130, 6}, Sizes{2500, 261, 11}, Sizes{40, 9000, 3}));

TEST(SvmObjective, SomeSamples_ThenOnlyTheseCount) {
  const LabelledCodes data = test::make_problem({.samples = 50, .features = 9, .classes = 3});
  const std::vector<std::int64_t> rows = {4, 7, 11, 30, 49};
  Tensor<double> part({5, 9});
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    labels.push_back(data.labels[rows[i]]);
    for (std::int64_t d = 0; d < 9; ++d) {
      part.matrix()(static_cast<std::int64_t>(i), d) = data.codes.matrix()(rows[i], d) / 2.0;
    }
  }
  const auto w = random_weights(30, 0.5);
  std::vector<double> grad(30);
  std::vector<double> expected_grad(30);
  const auto value = svm::evaluate(Context{}, {data.codes.matrix(), data.labels, rows, 3, 2.0}, 1, w, grad);
  const auto expected = svm::evaluate_reference(part.matrix(), labels, 3, 1, w, expected_grad);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(value.objective[k], expected.objective[k], 1e-4);
  for (std::size_t i = 0; i < 30; ++i) EXPECT_NEAR(grad[i], expected_grad[i], 1e-3);
}

}  // namespace
}  // namespace wta
