#include "eval/streaming_histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/rng.h"

namespace wta {
namespace {

using testing::ElementsAre;

StreamingHistogram histogram_of(const std::vector<float>& values) {
  StreamingHistogram histogram;
  for (const float value : values) histogram.add(value);
  return histogram;
}

// The same by trying one width after the other on all values at once.
struct SlowHistogram {
  double width = 0x1p-30;
  double first = 0;
  std::vector<std::int64_t> counts;
};

SlowHistogram slow(const std::vector<float>& values) {
  SlowHistogram result;
  const auto bin = [&](float value) { return std::floor(value / result.width); };
  const auto [low, high] = std::ranges::minmax(values);
  while (bin(high) - bin(low) + 1 > StreamingHistogram::kMostBins) result.width *= 2;
  result.first = bin(low);
  result.counts.resize(static_cast<std::size_t>(bin(high) - result.first) + 1);
  for (const float value : values) ++result.counts[static_cast<std::size_t>(bin(value) - result.first)];
  return result;
}

TEST(StreamingHistogram, EqualsOneMadeWithTheRangeKnown) {
  const Rng rng(5, Purpose::validation);
  for (const float spread : {1e-4F, 1.0F, 3e4F}) {
    for (const float shift : {0.0F, -0.5F, 7.0F}) {
      std::vector<float> values;
      for (std::uint64_t i = 0; i < 500; ++i) values.push_back(spread * (rng.uniform(i) + shift));
      const StreamingHistogram fast = histogram_of(values);
      const SlowHistogram expected = slow(values);
      EXPECT_EQ(fast.width(), expected.width) << spread << " " << shift;
      EXPECT_EQ(static_cast<double>(fast.first_bin()), expected.first);
      EXPECT_EQ(fast.counts(), expected.counts);
      std::ranges::reverse(values);
      EXPECT_EQ(histogram_of(values).counts(), expected.counts);
    }
  }
}

TEST(StreamingHistogram, OfOneValueHasOneBin) {
  EXPECT_THAT(histogram_of({3, 3, 3}).counts(), ElementsAre(3));
  EXPECT_THAT(histogram_of({-3}).counts(), ElementsAre(1));
  EXPECT_TRUE(StreamingHistogram().counts().empty());
}

TEST(StreamingHistogram, BorderValuesBelongToTheBinAbove) {
  const StreamingHistogram histogram = histogram_of({0, 16, 32, 47.5F});
  EXPECT_EQ(histogram.width(), 1);
  EXPECT_EQ(histogram.first_bin(), 0);
  EXPECT_EQ(histogram.counts().at(16), 1);
  EXPECT_EQ(histogram.counts().size(), 48U);
}

TEST(StreamingHistogram, HoldsTheLargestFloats) {
  const StreamingHistogram histogram = histogram_of({-3e38F, 3e38F});
  EXPECT_EQ(histogram.counts().front(), 1);
  EXPECT_EQ(histogram.counts().back(), 1);
  EXPECT_LE(histogram.counts().size(), 48U);
}

}  // namespace
}  // namespace wta
