#include "train/epoch_statistics.h"

#include <gtest/gtest.h>

namespace wta {
namespace {

UnitActivity activity_of(const std::vector<std::vector<float>>& values) {
  Winners<float> winners;
  winners.units = static_cast<std::int64_t>(values.size());
  winners.offsets = {0};
  for (const std::vector<float>& unit : values) {
    winners.value.insert(winners.value.end(), unit.begin(), unit.end());
    winners.offsets.push_back(winners.count());
  }
  UnitActivity activity;
  summarise(winners, activity);
  return activity;
}

TEST(Thresholds, AreTheMeanOfTheSmallestWinners) {
  std::vector<std::int64_t> updates(3);
  Tensor<float> thresholds({3});
  update_thresholds(activity_of({{3, 2}, {5}, {}}), updates, thresholds);
  update_thresholds(activity_of({{4, 6}, {}, {}}), updates, thresholds);
  EXPECT_FLOAT_EQ(thresholds[0], 3);  // mean of 2 and 4
  EXPECT_FLOAT_EQ(thresholds[1], 5);  // a batch without a winner changes nothing
  EXPECT_FLOAT_EQ(thresholds[2], 0);
  EXPECT_EQ(updates, (std::vector<std::int64_t>{2, 1, 0}));
}

TEST(Thresholds, ForgetTheStartOfTraining) {
  std::vector<std::int64_t> updates(1);
  Tensor<float> thresholds({1});
  for (int i = 0; i < 10; ++i) update_thresholds(activity_of({{1000}}), updates, thresholds);
  for (int i = 0; i < 3000; ++i) update_thresholds(activity_of({{2}}), updates, thresholds);
  EXPECT_NEAR(thresholds[0], 2, 1e-3);
}

TEST(EpochStatistics, AUnitWithoutAWinnerIsDead) {
  EpochStatistics statistics(3);
  statistics.add({.loss = 2, .squared_error = 40, .winners = 3}, activity_of({{3, 2}, {5}, {}}), 10);
  statistics.add({.loss = 1, .squared_error = 20, .winners = 1}, activity_of({{1}, {}, {}}), 10);
  EXPECT_EQ(statistics.dead_units(), 1);
  EXPECT_EQ(statistics.samples, 20);
  EXPECT_EQ(statistics.winners, 4);
  EXPECT_EQ(statistics.wins, (std::vector<std::int64_t>{3, 1, 0}));
  EXPECT_DOUBLE_EQ(statistics.loss_sum, 30);
  EXPECT_DOUBLE_EQ(statistics.squared_error, 60);
}

}  // namespace
}  // namespace wta
