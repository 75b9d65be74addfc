#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "io/sha256.h"
#include "wta/dataset.h"

namespace wta {
namespace {

using ::testing::Each;

const Dataset& digits() {
  static const Dataset kDigits = built_in_digits(Context{.threads = 2});
  return kDigits;
}

std::string label_sum(const std::vector<std::int32_t>& labels) {
  const std::vector<std::uint8_t> bytes(labels.begin(), labels.end());
  Sha256 sum;
  sum.update(std::as_bytes(std::span(bytes)));
  return sum.hex();
}

std::vector<int> class_counts(const std::vector<std::int32_t>& labels) {
  std::vector<int> counts(10);
  for (const std::int32_t label : labels) ++counts.at(static_cast<std::size_t>(label));
  return counts;
}

// These sums define the set: a change of one pixel makes every published figure on `digits` void.
TEST(BuiltInDigits, PixelsAndLabelsAreTheSameBytesOnEveryMachine) {
  EXPECT_EQ(digits().train.samples.fingerprint(),
            "62648d44c52c2f46b0450257c9dd38f6d94ef9d5ae7c6c34a328903dd2bd07a7");
  EXPECT_EQ(digits().test.samples.fingerprint(),
            "12a35dc9fec951ffa5f9caabe940f3019d92aa5762b3593996f6a77671cc8011");
  EXPECT_EQ(label_sum(digits().train.labels),
            "3e0ab4361025f170b32eee5e2ede90388d12b46140dd13163d10ca2f78c5bfec");
  EXPECT_EQ(label_sum(digits().test.labels),
            "582cc25d569ccc97a364d0201939795831881c3230ce2a59c54d5439fa5a040d");
}

TEST(BuiltInDigits, HaveTheShapeOfMnist) {
  EXPECT_EQ(digits().name, "digits");
  EXPECT_EQ(digits().train.samples.count(), 60000);
  EXPECT_EQ(digits().test.samples.count(), 10000);
  EXPECT_EQ(digits().train.samples.sample_shape(), (Shape{28, 28}));
  EXPECT_EQ(digits().class_names.size(), 10U);
}

TEST(BuiltInDigits, ClassesAreBalancedAndShuffled) {
  EXPECT_THAT(class_counts(digits().train.labels), Each(6000));
  EXPECT_THAT(class_counts(digits().test.labels), Each(1000));
  const std::vector<std::int32_t> first(digits().train.labels.begin(), digits().train.labels.begin() + 1000);
  EXPECT_FALSE(std::is_sorted(first.begin(), first.end()));
  for (const int count : class_counts(first)) EXPECT_NEAR(count, 100, 40);
}

TEST(BuiltInDigits, EveryPictureHasInkAndPaper) {
  Tensor<float> block({1000, 784});
  digits().test.samples.read(0, block.matrix());
  for (std::int64_t i = 0; i < 1000; ++i) {
    const auto row = block.matrix().row_span(i);
    const auto inked = std::count_if(row.begin(), row.end(), [](float v) { return v > 0.5F; });
    EXPECT_GT(inked, 15) << "picture " << i;
    EXPECT_LT(inked, 400) << "picture " << i;
  }
}

TEST(BuiltInDigits, ThreadsAndSeedChangeNothing) {
  const auto start = std::chrono::steady_clock::now();
  const Dataset one = built_in_digits(Context{.threads = 1, .seed = 99});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("70,000 digits on one thread: %.2f s\n", seconds.count());
  EXPECT_EQ(one.train.samples.fingerprint(), digits().train.samples.fingerprint());
  EXPECT_EQ(one.test.samples.fingerprint(), digits().test.samples.fingerprint());
  EXPECT_EQ(one.train.labels, digits().train.labels);
}

}  // namespace
}  // namespace wta
