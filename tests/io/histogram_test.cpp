#include "io/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace wta {
namespace {

using testing::ElementsAre;

TEST(Histogram, SumsAndCountsEveryValueOnce) {
  std::vector<float> values(6500);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i)) + 0.25F;
  const Histogram histogram = histogram_of(std::span<const float>(values));
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  EXPECT_DOUBLE_EQ(histogram.sum, sum);
  EXPECT_DOUBLE_EQ(histogram.sum_squares, squares);
  EXPECT_EQ(histogram.minimum, *std::ranges::min_element(values));
  EXPECT_EQ(histogram.maximum, *std::ranges::max_element(values));
  EXPECT_EQ(std::accumulate(histogram.counts.begin(), histogram.counts.end(), 0.0), 6500);
}

TEST(Histogram, AValueBelongsToTheBucketThatItLiesIn) {
  std::vector<std::int64_t> values = {0, 64, 64, 1, 10, 63};  // buckets of width 1
  const Histogram histogram = histogram_of(std::span<const std::int64_t>(values));
  ASSERT_EQ(histogram.counts.size(), 64U);
  ASSERT_EQ(histogram.limits.size(), 64U);
  EXPECT_EQ(histogram.limits.front(), 1);
  EXPECT_EQ(histogram.limits.back(), 64);
  EXPECT_EQ(histogram.counts[0], 1);
  EXPECT_EQ(histogram.counts[1], 1);
  EXPECT_EQ(histogram.counts[10], 1);
  EXPECT_EQ(histogram.counts[63], 3);
}

TEST(Histogram, EqualValuesHaveOneBucketAndNoneHaveNone) {
  const std::vector<float> equal = {2, 2, 2};
  const Histogram one = histogram_of(std::span<const float>(equal));
  EXPECT_THAT(one.limits, ElementsAre(2));
  EXPECT_THAT(one.counts, ElementsAre(3));
  const Histogram none = histogram_of(std::span<const float>());
  EXPECT_TRUE(none.limits.empty());
  EXPECT_EQ(none.minimum, 0);
  EXPECT_EQ(none.maximum, 0);
}

TEST(Histogram, ValuesThatAreNotFiniteAreLeftOut) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {1, std::nanf(""), kInfinite, -kInfinite, 3};
  const Histogram histogram = histogram_of(std::span<const float>(values));
  EXPECT_EQ(histogram.sum, 4);
  EXPECT_EQ(histogram.minimum, 1);
  EXPECT_EQ(histogram.maximum, 3);
  EXPECT_EQ(std::accumulate(histogram.counts.begin(), histogram.counts.end(), 0.0), 2);
}

}  // namespace
}  // namespace wta
