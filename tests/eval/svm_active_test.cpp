#include "eval/svm_active.h"

#include <gmock/gmock.h>

#include <cmath>

#include "eval/liblinear_oracle.h"
#include "eval/svm_problems.h"

namespace wta {
namespace {

using Rows = std::vector<std::int64_t>;

std::vector<double> random_vector(std::int64_t count, double size, std::uint64_t stream) {
  const Rng rng(3, Purpose::initial_weights, stream);
  std::vector<double> v;
  for (std::int64_t i = 0; i < count; ++i) v.push_back(size * rng.normal(static_cast<std::uint64_t>(i)));
  return v;
}

/// Every second sample of a made problem, and weights whose margins have both signs.
struct HalfTheSamples {
  HalfTheSamples(std::int64_t samples, std::int64_t features, std::int64_t classes)
      : data(test::make_problem(
            {.samples = samples, .features = features, .classes = classes, .active = 0.6})) {
    for (std::int64_t n = 0; n < samples; n += 2) rows.push_back(n);
    problem = {data.codes.matrix(), data.labels, rows, classes, test::rms_norm(data.codes.matrix())};
    w = random_vector(problem.parameters(), 0.7, 0);
    scores = Tensor<double>({classes, static_cast<std::int64_t>(rows.size())});
    for (std::int64_t k = 0; k < classes; ++k) {
      for (std::int64_t i = 0; i < scores.row_size(); ++i) scores.matrix()(k, i) = product(i, k, w);
    }
  }

  [[nodiscard]] double input(std::int64_t i, std::int64_t d) const {
    return d == problem.codes.cols ? 1 : problem.codes(rows[i], d) / problem.code_scale;
  }
  /// z[i] . v[k]
  [[nodiscard]] double product(std::int64_t i, std::int64_t k, const std::vector<double>& v) const {
    double sum = 0;
    for (std::int64_t d = 0; d < problem.inputs(); ++d) sum += v[k * problem.inputs() + d] * input(i, d);
    return sum;
  }
  [[nodiscard]] double margin(std::int64_t i, std::int64_t k) const {
    return 1 - problem.sign(i, k) * scores.matrix()(k, i);
  }
  /// sum over active samples of weight(i, k) z[i], for every class
  template <class Weight>
  [[nodiscard]] std::vector<double> sum(const Weight& weight) const {
    std::vector<double> out(w.size());
    for (std::int64_t k = 0; k < problem.classes; ++k) {
      for (std::int64_t i = 0; i < scores.row_size(); ++i) {
        if (margin(i, k) <= 0) continue;
        const double factor = weight(i, k);
        for (std::int64_t d = 0; d < problem.inputs(); ++d)
          out[k * problem.inputs() + d] += factor * input(i, d);
      }
    }
    return out;
  }

  test::LabelledCodes data;
  Rows rows;
  svm::Problem problem;
  std::vector<double> w;
  Tensor<double> scores;
};

void expect_near(const std::vector<double>& values, const std::vector<double>& expected) {
  const double size = std::sqrt(std::inner_product(expected.begin(), expected.end(), expected.begin(), 0.0));
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-5 * size) << i;
}

// Odd sizes: rows that fill no block, features that fill no vector, classes that fill no tile.
class SvmActivePairsSizes : public testing::TestWithParam<std::array<std::int64_t, 3>> {};

TEST_P(SvmActivePairsSizes, SumsThenEqualThoseInDoubleAndAnyThreadCountGivesTheSameBits) {
  const HalfTheSamples f(GetParam()[0], GetParam()[1], GetParam()[2]);
  const svm::ClassFlags all(static_cast<std::size_t>(f.problem.classes), 1);
  const svm::ActivePairs active(f.problem, f.scores.matrix(), all);
  const auto v = random_vector(f.problem.parameters(), 1, 1);
  std::vector<double> losses(f.w.size(), 99);
  std::vector<double> products(f.w.size(), 99);
  active.sum_losses(Context{.threads = 1}, losses);
  active.multiply_hessian(Context{.threads = 1}, v, all, products);
  expect_near(losses, f.sum([&](auto i, auto k) { return -f.problem.sign(i, k) * f.margin(i, k); }));
  expect_near(products, f.sum([&](auto i, auto k) { return f.product(i, k, v); }));
  for (const int threads : {2, 3}) {
    std::vector<double> again(f.w.size());
    active.sum_losses(Context{.threads = threads}, again);
    EXPECT_EQ(again, losses) << threads;
    active.multiply_hessian(Context{.threads = threads}, v, all, again);
    EXPECT_EQ(again, products) << threads;
  }
}

using Sizes = std::array<std::int64_t, 3>;  // samples, features, classes
INSTANTIATE_TEST_SUITE_P(OddSizes, SvmActivePairsSizes,
                         testing::Values(Sizes{4, 1, 2}, Sizes{15, 3, 2}, Sizes{131, 17, 4},
                                         Sizes{600, 33, 5}, Sizes{5000, 130, 6}, Sizes{80, 9000, 3}));

TEST(SvmActivePairs, ClassesThatAreDone_ThenZeroAndTheOthersUnchanged) {
  const HalfTheSamples f(300, 20, 3);
  const svm::ClassFlags all(3, 1);
  const svm::ClassFlags left = {1, 0, 1};
  std::vector<double> full(f.w.size());
  std::vector<double> part(f.w.size());
  const svm::ActivePairs active(f.problem, f.scores.matrix(), all);
  active.multiply_hessian(Context{}, f.w, all, full);
  active.multiply_hessian(Context{}, f.w, left, part);
  std::fill(full.begin() + 21, full.begin() + 42, 0.0);
  EXPECT_EQ(part, full);
  const svm::ActivePairs fewer(f.problem, f.scores.matrix(), left);
  EXPECT_EQ(fewer.count() + static_cast<std::int64_t>(active.rows_of(1).size()), active.count());
}

TEST(SvmActivePairs, RowsOfAClass_ThenThoseWithALossInTheirOrder) {
  const HalfTheSamples f(200, 11, 4);
  const svm::ActivePairs active(f.problem, f.scores.matrix(), svm::ClassFlags(4, 1));
  std::size_t expected_all = 0;
  for (std::int64_t k = 0; k < 4; ++k) {
    std::vector<const float*> expected;
    for (std::int64_t i = 0; i < 100; ++i) {
      if (f.margin(i, k) > 0) expected.push_back(f.problem.codes.row(f.rows[i]));
    }
    EXPECT_EQ(active.rows_of(k), expected);
    expected_all += expected.size();
  }
  EXPECT_GT(expected_all, 0U);
  EXPECT_LT(expected_all, 400U);
}

}  // namespace
}  // namespace wta
