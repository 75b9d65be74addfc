#include <gmock/gmock.h>

#include <cmath>

#include "eval/liblinear_oracle.h"
#include "eval/svm_problems.h"
#include "wta/classifier.h"

namespace wta {
namespace {

struct LiblinearCase {
  const char* name;
  test::ProblemKind kind;
};

class SvmAgainstLiblinear : public testing::TestWithParam<std::tuple<LiblinearCase, double>> {};

TEST_P(SvmAgainstLiblinear, SameProblem_ThenSameObjectiveAndAccuracy) {
  const auto& [named, C] = GetParam();
  test::ProblemKind kind = named.kind;
  const std::int64_t train = kind.samples;
  kind.samples += 4000;
  const test::LabelledCodes data = test::make_problem(kind);
  const auto codes = data.codes.matrix().row_range(0, train);
  const auto test_codes = data.codes.matrix().row_range(train, kind.samples);
  const std::span<const std::int32_t> labels(data.labels);
  const auto train_labels = labels.first(static_cast<std::size_t>(train));
  const auto test_labels = labels.subspan(static_cast<std::size_t>(train));

  SvmOptions options;
  options.candidates = {C};
  const Context context;
  const auto ours = train_linear_svm(context, options, codes, train_labels, kind.classes);
  EXPECT_NEAR(ours.code_scale, test::rms_norm(codes), 1e-9 * ours.code_scale);

  const auto scaled = test::scaled(codes, ours.code_scale);
  const auto weights = test::liblinear_weights(scaled.matrix(), train_labels, kind.classes, C, 1e-6);
  const auto expected = test::objectives(scaled.matrix(), train_labels, kind.classes, C, weights);
  const auto reached =
      test::objectives(scaled.matrix(), train_labels, kind.classes, C, test::joined(ours.weight, ours.bias));
  // One-sided: where liblinear reaches its limit of iterations first, ours is lower.
  for (std::int64_t k = 0; k < kind.classes; ++k) EXPECT_LE(reached[k], (1 + 1e-3) * expected[k]) << k;

  const auto scaled_test = test::scaled(test_codes, ours.code_scale);
  const double expected_error = test::error_of(scaled_test.matrix(), test_labels, kind.classes, weights);
  const double error = error_fraction(ours.predict(context, test_codes), test_labels);
  // 0.05 points, counted in samples.
  const double samples = static_cast<double>(test_labels.size());
  EXPECT_LE(std::llround(std::abs(error - expected_error) * samples), std::llround(5e-4 * samples))
      << error << " against " << expected_error;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, SvmAgainstLiblinear,
    testing::Combine(
        testing::Values(
            LiblinearCase{"dense10", {.samples = 900, .features = 45, .noise = 2.0}},
            LiblinearCase{"sparse10", {.samples = 700, .features = 130, .noise = 1.5, .active = 0.3}},
            LiblinearCase{"dense2", {.samples = 500, .features = 30, .classes = 2, .noise = 4.0}},
            LiblinearCase{"sparse2",
                          {.samples = 400, .features = 60, .classes = 2, .noise = 2, .active = 0.2}},
            LiblinearCase{"unbalanced3",
                          {.samples = 800, .features = 25, .classes = 3, .noise = 3.0, .first_class = 0.9}},
            LiblinearCase{"wide4", {.samples = 120, .features = 400, .classes = 4, .noise = 3.0}},
            LiblinearCase{"manyfeatures4",
                          {.samples = 900, .features = 600, .classes = 4, .noise = 1, .active = 0.3}},
            LiblinearCase{"widesparse10", {.samples = 300, .features = 900, .noise = 0.7, .active = 0.3}}),
        testing::Values(0x1p-6, 1.0, 16.0, 256.0)),
    [](const auto& case_info) {
      return std::string(std::get<0>(case_info.param).name) + "_" + std::to_string(case_info.index % 4);
    });

}  // namespace
}  // namespace wta
