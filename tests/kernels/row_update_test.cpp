#include "kernels/row_update.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/kernel_cases.h"

namespace wta {
namespace {

using testing::expect_close;
using testing::random_vector;
using testing::widen;

class RowUpdate : public ::testing::TestWithParam<std::int64_t> {
 protected:
  const std::int64_t size = GetParam();
  const std::vector<float> gradient = random_vector(size, 1);
  std::vector<float> weight = random_vector(size, 2);
  std::vector<float> first = random_vector(size, 3);
  std::vector<float> second = random_vector(size, 4);
  std::vector<double> wide_weight = widen(weight);
  std::vector<double> wide_first = widen(first);
  std::vector<double> wide_second;

  void SetUp() override {
    for (float& v : second) v = std::abs(v);
    wide_second = widen(second);
  }
};

TEST_P(RowUpdate, SgdEqualsTheReference) {
  const SgdRule rule{.learning_rate = 0.1, .momentum = 0.9};
  for (int step = 0; step < 3; ++step) {
    cpu::sgd_row(rule, gradient, weight, first);
    reference::sgd_row<double>(rule, widen(gradient), wide_weight, wide_first);
  }
  expect_close(weight, wide_weight, 1e-6);
  expect_close(first, wide_first, 1e-6);
}

TEST_P(RowUpdate, AdamEqualsTheReference) {
  AdamRule rule{.learning_rate = 0.01};
  for (rule.step = 1; rule.step < 4; ++rule.step) {
    cpu::adam_row(rule, gradient, weight, first, second);
    reference::adam_row<double>(rule, widen(gradient), wide_weight, wide_first, wide_second);
  }
  expect_close(weight, wide_weight, 2e-6);
  expect_close(first, wide_first, 1e-6);
  expect_close(second, wide_second, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Sizes, RowUpdate,
                         ::testing::Values(1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 100, 257, 784));

TEST(SgdRow, MomentumMovesTheWeightWithoutAGradient) {
  const std::vector<float> gradient{0};
  std::vector<float> weight{1};
  std::vector<float> velocity{2};
  cpu::sgd_row({.learning_rate = 0.5, .momentum = 0.5}, gradient, weight, velocity);
  EXPECT_EQ(velocity[0], 1);
  EXPECT_EQ(weight[0], 0.5F);
}

TEST(AdamRow, TheFirstStepMovesByTheLearningRateAgainstTheSign) {
  const std::vector<float> gradient{0.3F, -5, 0};
  std::vector<float> weight(3), m(3), v(3);
  cpu::adam_row({.learning_rate = 0.01, .step = 1}, gradient, weight, m, v);
  expect_close(weight, std::vector<double>{-0.01, 0.01, 0}, 1e-6);
}

}  // namespace
}  // namespace wta
