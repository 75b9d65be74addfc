#include "data/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "data/test_files.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;

std::vector<std::int32_t> cyclic_labels(std::size_t count, int classes) {
  std::vector<std::int32_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) labels[i] = static_cast<std::int32_t>(i) % classes;
  return labels;
}

std::vector<int> counts_of(std::span<const std::int64_t> chosen, std::span<const std::int32_t> labels,
                           int classes) {
  std::vector<int> counts(static_cast<std::size_t>(classes));
  for (const std::int64_t i : chosen)
    ++counts.at(static_cast<std::size_t>(labels[static_cast<std::size_t>(i)]));
  return counts;
}

TEST(BalancedSubset, EveryClassGetsTheSame) {
  const auto labels = cyclic_labels(1000, 10);
  const auto chosen = balanced_subset(labels, 300, 1, 0);
  EXPECT_THAT(counts_of(chosen, labels, 10), Each(30));
  EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
  EXPECT_EQ(std::adjacent_find(chosen.begin(), chosen.end()), chosen.end());
}

TEST(BalancedSubset, TheRemainderGoesToTheFirstClasses) {
  const auto labels = cyclic_labels(90, 3);
  EXPECT_THAT(counts_of(balanced_subset(labels, 8, 1, 0), labels, 3), ElementsAre(3, 3, 2));
}

TEST(BalancedSubset, SeedAndSubsetDecideTheDraw) {
  const auto labels = cyclic_labels(1000, 10);
  const auto base = balanced_subset(labels, 100, 1, 0);
  EXPECT_EQ(base, balanced_subset(labels, 100, 1, 0));
  EXPECT_NE(base, balanced_subset(labels, 100, 1, 1));
  EXPECT_NE(base, balanced_subset(labels, 100, 2, 0));
}

TEST(BalancedSubset, AllMeansEverySampleInOrder) {
  const std::vector<std::int32_t> labels = {0, 0, 0, 1, 2};
  EXPECT_THAT(balanced_subset(labels, 5, 1, 0), ElementsAre(0, 1, 2, 3, 4));
}

TEST(BalancedSubset, AClassWithTooFewSamplesIsNamed) {
  const std::vector<std::int32_t> labels = {0, 0, 0, 0, 1, 2, 2, 2};
  const std::string message =
      message_of<InvalidArgument>([&] { static_cast<void>(balanced_subset(labels, 6, 1, 0)); });
  EXPECT_THAT(message, HasSubstr("need 2 samples of class 1; got 1"));
  EXPECT_THROW(static_cast<void>(balanced_subset(labels, 0, 1, 0)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(balanced_subset(labels, 9, 1, 0)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(balanced_subset(std::vector<std::int32_t>{0, -1, 1}, 2, 1, 0)),
               InvalidArgument);
}

TEST(HoldOut, TakesTheFractionOfEveryClass) {
  const auto labels = cyclic_labels(300, 3);
  const HoldOut cut = stratified_hold_out(300, labels, 0.2, 7);
  EXPECT_THAT(counts_of(cut.held_out, labels, 3), Each(20));
  EXPECT_THAT(counts_of(cut.kept, labels, 3), Each(80));
  std::vector<std::int64_t> all = cut.kept;
  all.insert(all.end(), cut.held_out.begin(), cut.held_out.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<std::int64_t>(i));
}

TEST(HoldOut, SeedDecidesTheDraw) {
  EXPECT_EQ(stratified_hold_out(100, {}, 0.2, 7).held_out, stratified_hold_out(100, {}, 0.2, 7).held_out);
  EXPECT_NE(stratified_hold_out(100, {}, 0.2, 7).held_out, stratified_hold_out(100, {}, 0.2, 8).held_out);
}

TEST(HoldOut, SmallClassesGiveAtLeastOneAndNeverAll) {
  const std::vector<std::int32_t> labels = {0, 1, 1, 2, 2, 2};
  EXPECT_THAT(counts_of(stratified_hold_out(6, labels, 0.1, 1).held_out, labels, 3), ElementsAre(0, 1, 1));
  EXPECT_THAT(counts_of(stratified_hold_out(6, labels, 0.9, 1).held_out, labels, 3), ElementsAre(0, 1, 2));
  EXPECT_TRUE(stratified_hold_out(6, labels, 0, 1).held_out.empty());
}

}  // namespace
}  // namespace wta
