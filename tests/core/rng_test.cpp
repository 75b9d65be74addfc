#include "core/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace wta {
namespace {

TEST(Rng, ADrawDependsOnSeedPurposeStepAndIndexOnly) {
  const Rng rng(7, Purpose::shuffle, 3);
  const std::uint32_t later_first = rng.bits(1000);
  (void)rng.bits(0);
  EXPECT_EQ(rng.bits(1000), later_first);
  EXPECT_NE(Rng(8, Purpose::shuffle, 3).bits(1000), later_first);
  EXPECT_NE(Rng(7, Purpose::hold_out, 3).bits(1000), later_first);
  EXPECT_NE(Rng(7, Purpose::shuffle, 4).bits(1000), later_first);
}

TEST(Rng, MatchesPhiloxsPublishedVectorForZeroCounterAndKey) {
  // Known answer of Philox4x32-10 for counter 0 and key 0 (Random123, kat_vectors).
  const Rng rng(0, static_cast<Purpose>(0), 0);
  EXPECT_EQ(rng.bits(0), 0x6627e8d5U);
}

TEST(Rng, NormalDrawsHaveMeanZeroAndDeviationOne) {
  const Rng rng(1, Purpose::initial_weights);
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal(static_cast<std::uint64_t>(i));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.02);
}

TEST(Rng, APermutationHoldsEachIndexOnceAndIsShuffled) {
  std::vector<std::int64_t> order(1000);
  Rng(1, Purpose::shuffle, 0).permutation(order);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::vector<std::int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(sorted, expected);
}

}  // namespace
}  // namespace wta
