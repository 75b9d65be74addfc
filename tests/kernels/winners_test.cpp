#include "kernels/winners.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/kernel_cases.h"

namespace wta {
namespace {

TEST(WinnersPerUnit, RoundsHalfUpAndKeepsAtLeastOneAtMostAll) {
  EXPECT_EQ(winners_per_unit(0.05, 100), 5);
  EXPECT_EQ(winners_per_unit(0.05, 50), 3);
  EXPECT_EQ(winners_per_unit(0.05, 49), 2);
  EXPECT_EQ(winners_per_unit(0.05, 1), 1);
  EXPECT_EQ(winners_per_unit(0.001, 100), 1);
  EXPECT_EQ(winners_per_unit(1.0, 37), 37);
  EXPECT_EQ(winners_per_unit(0.999, 10), 10);
  // 0.07 * 50 is 3.5 in exact arithmetic and 3.5000000000000004 or less in double.
  EXPECT_EQ(winners_per_unit(0.07, 50), 4);
  EXPECT_EQ(winners_per_unit(0.29, 50), 15);
}

using WinnersIndex = ::testing::TestWithParam<testing::KernelCase>;

TEST_P(WinnersIndex, BySampleIsAPermutationWithUnitsAscending) {
  const Winners<float> winners = testing::random_winners(GetParam(), 7);
  std::vector<std::int32_t> sorted = winners.by_sample;
  std::sort(sorted.begin(), sorted.end());
  ASSERT_EQ(static_cast<std::int64_t>(sorted.size()), winners.count());
  for (std::int64_t w = 0; w < winners.count(); ++w) ASSERT_EQ(sorted[w], w);
  ASSERT_EQ(winners.sample_offsets.front(), 0);
  ASSERT_EQ(winners.sample_offsets.back(), winners.count());
  for (std::int64_t n = 0; n < winners.samples; ++n) {
    for (std::int64_t i = winners.sample_offsets[n]; i < winners.sample_offsets[n + 1]; ++i) {
      const std::int32_t w = winners.by_sample[i];
      ASSERT_EQ(winners.sample[w], n);
      ASSERT_LE(winners.offsets[winners.unit[w]], w);
      ASSERT_LT(w, winners.offsets[winners.unit[w] + 1]);
      if (i == winners.sample_offsets[n]) continue;
      ASSERT_LT(winners.unit[winners.by_sample[i - 1]], winners.unit[w]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, WinnersIndex, ::testing::ValuesIn(testing::kernel_cases()),
                         testing::case_name);

TEST(WinnersIndex, ASecondCallReplacesTheFirst) {
  Winners<float> winners = testing::random_winners({31, 33, 1, testing::Density::some}, 3);
  const std::vector<std::int32_t> first = winners.by_sample;
  winners.index_by_sample();
  EXPECT_EQ(winners.by_sample, first);
}

}  // namespace
}  // namespace wta
