#include "eval/svm_reduction.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "eval/liblinear_oracle.h"
#include "eval/svm_problems.h"
#include "wta/classifier.h"

namespace wta {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::vector<double> some_variables(std::int64_t count) {
  std::vector<double> u;
  for (std::int64_t i = 0; i < count; ++i) u.push_back(std::sin(1.0 + static_cast<double>(i)));
  return u;
}

// Sizes that fill no tile, and one of several tiles.
TEST(SvmReduction, AnyVariables_ThenScoresAndNormAreKept) {
  for (const std::int64_t samples : {1, 7, 130}) {
    const auto data =
        test::make_problem({.samples = samples, .features = 1500, .classes = 1, .noise = 2, .active = 0.3});
    const auto codes = data.codes.matrix();
    const svm::Reduction reduction(Context{}, codes, test::rms_norm(codes));
    const auto u = some_variables(samples);
    const auto w = reduction.weights(Context{}, u);
    ASSERT_EQ(w.size(), 1500U);
    EXPECT_NEAR(dot(w, w), dot(u, u), 1e-6 * dot(u, u));
    const double scale = test::rms_norm(codes) * std::sqrt(dot(u, u));
    for (std::int64_t n = 0; n < samples; ++n) {
      const auto row = codes.row_span(n);
      const auto reduced = reduction.codes().row_span(n);
      EXPECT_NEAR(std::inner_product(row.begin(), row.end(), w.begin(), 0.0),
                  std::inner_product(reduced.begin(), reduced.end(), u.begin(), 0.0), 1e-5 * scale)
          << n;
    }
  }
}

TEST(SvmReduction, SamplesThatRepeat_ThenTheSameAnswer) {
  auto data = test::make_problem({.samples = 60, .features = 200, .classes = 3});
  for (std::int64_t n = 3; n < 60; n += 2) {
    std::ranges::copy(data.codes.matrix().row_span(n % 3), data.codes.matrix().row(n));
    data.labels[n] = static_cast<std::int32_t>(n % 3);
  }
  const auto codes = data.codes.matrix();
  SvmOptions options;
  options.candidates = {16};
  const auto ours = train_linear_svm(Context{}, options, codes, data.labels, 3);
  const auto scaled = test::scaled(codes, ours.code_scale);
  const auto weights = test::liblinear_weights(scaled.matrix(), data.labels, 3, 16, 1e-6);
  const auto expected = test::objectives(scaled.matrix(), data.labels, 3, 16, weights);
  const auto reached =
      test::objectives(scaled.matrix(), data.labels, 3, 16, test::joined(ours.weight, ours.bias));
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(reached[k], expected[k], 1e-3 * expected[k]);
}

TEST(SvmReduction, AnyThreadCount_ThenTheSameBits) {
  const auto data = test::make_problem({.samples = 150, .features = 1100, .classes = 3, .active = 0.4});
  std::vector<LinearClassifier> trained;
  for (const int threads : {1, 2, 3}) {
    trained.push_back(train_linear_svm(Context{.threads = threads}, {}, data.codes.matrix(), data.labels, 3));
  }
  for (const auto& other : trained) {
    EXPECT_TRUE(std::ranges::equal(other.weight.span(), trained[0].weight.span()));
    EXPECT_TRUE(std::ranges::equal(other.bias.span(), trained[0].bias.span()));
  }
}

// What few labels meet: the search over C must not run into its limit of iterations.
TEST(SvmReduction, FewerSamplesThanFeatures_ThenEveryFitIsShort) {
  const auto data = test::make_problem({.samples = 200, .features = 1500, .noise = 3, .active = 0.3});
  std::int64_t longest = 0;
  (void)train_linear_svm(Context{}, {}, data.codes.matrix(), data.labels, 10, [&](const SvmStatus& status) {
    longest = std::max(longest, status.iteration);
    return true;
  });
  EXPECT_LE(longest, 20);
}

TEST(SvmReduction, AppliesBelowItsLimitOnly) {
  const Tensor<float> wide({3, 5});
  EXPECT_TRUE(svm::Reduction::applies(wide.matrix()));
  EXPECT_FALSE(svm::Reduction::applies(Tensor<float>({5, 5}).matrix()));
  EXPECT_FALSE(svm::Reduction::applies({nullptr, svm::Reduction::kMaxSamples + 1, 100000, 100000}));
}

}  // namespace
}  // namespace wta
