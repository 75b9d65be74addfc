#include "kernels/sigmoid.h"

#include <gtest/gtest.h>

#include "kernels/kernel_cases.h"

namespace wta {
namespace {

using testing::random_vector;
using testing::widen;

TEST(Sigmoid, EqualsTheReferenceForAllSizes) {
  for (const std::int64_t size : {1, 2, 7, 8, 15, 16, 17, 31, 33, 100, 257}) {
    std::vector<float> x = random_vector(size, static_cast<std::uint32_t>(size));
    for (float& value : x) value *= 20;
    std::vector<double> expected = widen(x);
    reference::sigmoid<double>(expected);
    cpu::sigmoid(x);
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i] / expected[i], 1, 1e-6) << "at " << i;
  }
}

TEST(Sigmoid, LargeInputsEndInZeroAndOneAndNotInNan) {
  std::vector<float> x = {-3e38F, -200, -87, 0, 87, 200, 3e38F};
  cpu::sigmoid(x);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(x[i], 0, 1e-37) << i;
  EXPECT_EQ(x[3], 0.5F);
  for (int i = 4; i < 7; ++i) EXPECT_EQ(x[i], 1) << i;
}

TEST(Sigmoid, AValueHasTheSameBitsWhereverItStands) {
  const std::vector<float> values = random_vector(67, 1);
  std::vector<float> whole = values;
  cpu::sigmoid(whole);
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::vector<float> alone = {values[i]};
    cpu::sigmoid(alone);
    EXPECT_EQ(alone[0], whole[i]) << "at " << i;
  }
}

}  // namespace
}  // namespace wta
