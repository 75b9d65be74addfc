#include "eval/svm_preconditioner.h"

#include <gmock/gmock.h>

#include <cmath>

#include "eval/svm_problems.h"

namespace wta {
namespace {

/// At w = 0 every sample is active for every class.
struct AllActive {
  explicit AllActive(const test::ProblemKind& kind)
      : data(test::make_problem(kind)),
        rows(test::all_rows(kind.samples)),
        problem{data.codes.matrix(), data.labels, rows, kind.classes, 10.0},
        scores({kind.classes, kind.samples}),
        all(static_cast<std::size_t>(kind.classes), 1),
        active(problem, scores.matrix(), all) {}

  [[nodiscard]] std::vector<double> some_vector() const {
    std::vector<double> v;
    for (std::int64_t i = 0; i < problem.parameters(); ++i)
      v.push_back(std::sin(1.0 + static_cast<double>(i)));
    return v;
  }

  test::LabelledCodes data;
  std::vector<std::int64_t> rows;
  svm::Problem problem;
  Tensor<double> scores;
  svm::ClassFlags all;
  svm::ActivePairs active;
};

TEST(SvmPreconditioner, AllActiveSamplesAreLandmarks_ThenItInvertsTheHessian) {
  const AllActive f({.samples = 150, .features = 400, .classes = 2});
  constexpr double C = 3;
  const svm::Preconditioner preconditioner(Context{}, f.active, C, f.all);
  const auto v = f.some_vector();
  std::vector<double> h(v.size());
  f.active.multiply_hessian(Context{}, v, f.all, h);
  for (std::size_t i = 0; i < h.size(); ++i) h[i] = v[i] + 2 * C * h[i];
  std::vector<double> back(v.size());
  preconditioner.apply(Context{}, h, f.all, back);
  for (std::size_t i = 0; i < v.size(); ++i) EXPECT_NEAR(back[i], v[i], 2e-2) << i;
}

// More samples than landmarks: P v for the landmarks, in double, must come back. L is in float: its rounding
// moves values by 0.0196 with g++ 12, by 0.0203 with clang 16.
TEST(SvmPreconditioner, MoreSamplesThanLandmarks_ThenItInvertsTheHessianOfThose) {
  const AllActive f({.samples = 1300, .features = 600, .classes = 2});
  constexpr double C = 0.5;
  constexpr std::int64_t kCount = svm::Preconditioner::kMaxLandmarks;
  const svm::Preconditioner preconditioner(Context{}, f.active, C, f.all);
  const auto v = f.some_vector();
  auto h = v;
  const std::int64_t inputs = f.problem.inputs();
  for (std::int64_t k = 0; k < 2; ++k) {
    for (std::int64_t j = 0; j < kCount; ++j) {
      const auto row = f.problem.codes.row_span(j * 1300 / kCount);
      const double* of_class = v.data() + k * inputs;
      double product = of_class[600];
      for (std::int64_t d = 0; d < 600; ++d) product += of_class[d] * row[d] / 10.0;
      product *= 2 * C * 1300 / static_cast<double>(kCount);
      for (std::int64_t d = 0; d < 600; ++d) h[k * inputs + d] += product * row[d] / 10.0;
      h[k * inputs + 600] += product;
    }
  }
  std::vector<double> back(v.size());
  preconditioner.apply(Context{}, h, f.all, back);
  for (std::size_t i = 0; i < v.size(); ++i) EXPECT_NEAR(back[i], v[i], 4e-2) << i;
}

TEST(SvmPreconditioner, AnyThreadCount_ThenTheSameBits) {
  const AllActive f({.samples = 700, .features = 1300, .classes = 3});
  const auto v = f.some_vector();
  std::vector<double> first(v.size());
  for (const int threads : {1, 2, 3}) {
    const Context context{.threads = threads};
    std::vector<double> out(v.size());
    svm::Preconditioner(context, f.active, 1, f.all).apply(context, v, f.all, out);
    if (threads == 1) first = out;
    EXPECT_EQ(out, first) << threads;
  }
}

TEST(SvmPreconditioner, NoActiveSample_ThenTheIdentity) {
  AllActive f({.samples = 30, .features = 5, .classes = 2});
  for (std::int64_t k = 0; k < 2; ++k) {
    for (std::int64_t i = 0; i < 30; ++i) f.scores.matrix()(k, i) = 2 * f.problem.sign(i, k);
  }
  const svm::ActivePairs none(f.problem, f.scores.matrix(), f.all);
  const auto v = f.some_vector();
  std::vector<double> out(v.size());
  svm::Preconditioner(Context{}, none, 1, f.all).apply(Context{}, v, f.all, out);
  EXPECT_EQ(none.count(), 0);
  EXPECT_EQ(out, v);
}

}  // namespace
}  // namespace wta
