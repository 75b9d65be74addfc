#include "optim/schedule.h"

#include <gtest/gtest.h>

namespace wta {
namespace {

TEST(Schedule, ConstantStaysAtTheLearningRate) {
  const OptimizerOptions options{.lr = 0.5, .schedule = "constant"};
  EXPECT_DOUBLE_EQ(learning_rate_at(options, 0, 100), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate_at(options, 99, 100), 0.5);
}

TEST(Schedule, StepDropsByTenAtSixtyAndEightyFivePercent) {
  const OptimizerOptions options{.lr = 1, .schedule = "step"};
  EXPECT_DOUBLE_EQ(learning_rate_at(options, 59, 100), 1);
  EXPECT_DOUBLE_EQ(learning_rate_at(options, 60, 100), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate_at(options, 84, 100), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate_at(options, 85, 100), 0.01);
}

TEST(Schedule, CosineFallsFromFullToTheFinalFraction) {
  const OptimizerOptions options{.lr = 2, .schedule = "cosine", .final_lr_fraction = 0.1};
  EXPECT_DOUBLE_EQ(learning_rate_at(options, 0, 100), 2);
  EXPECT_DOUBLE_EQ(learning_rate_at(options, 50, 100), 2 * (0.1 + 0.9 * 0.5));
  EXPECT_NEAR(learning_rate_at(options, 99, 100), 0.2, 1e-3);
}

TEST(Schedule, WarmUpRisesLinearlyThenTheScheduleStartsAtFullHeight) {
  const OptimizerOptions options{.lr = 1, .schedule = "cosine", .warmup_fraction = 0.1};
  EXPECT_NEAR(learning_rate_at(options, 0, 100), 1.0 / 11, 1e-12);
  EXPECT_NEAR(learning_rate_at(options, 9, 100), 10.0 / 11, 1e-12);
  EXPECT_DOUBLE_EQ(learning_rate_at(options, 10, 100), 1);
}

}  // namespace
}  // namespace wta
