#include "eval/dictionary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace wta {
namespace {

TEST(DeltaNess, IsOneForADeltaAndOneOverTheSizeForAConstant) {
  const std::vector<float> delta = {0, 0, -3, 0};
  const std::vector<float> constant = {2, 2, 2, 2};
  const std::vector<float> mixed = {1, -2, 0, 0};
  EXPECT_EQ(delta_ness(delta), 1);
  EXPECT_EQ(delta_ness(constant), 0.25);
  EXPECT_EQ(delta_ness(mixed), 0.8);
  EXPECT_EQ(delta_ness(std::vector<float>(4)), 0);
}

TEST(Median, OfOddEvenAndNoValues) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_TRUE(std::isnan(median({})));
}

Stage stage_of(const std::string& arch) {
  return make_stage({.arch = arch, .spatial = "no"}, {6, 6}, 1);
}

void fill(Tensor<float>& tensor, std::int64_t row, const std::vector<float>& first) {
  std::ranges::fill(tensor.matrix().row_span(row), 0.0F);
  std::ranges::copy(first, tensor.matrix().row(row));
}

TEST(DictionaryStatistics, CountLiveMapsOnly) {
  Stage stage = stage_of("3conv3-3deconv3");
  stage.usage = {5, 0, 1};
  const std::vector<std::vector<float>> rows = {{1}, {1, 1}, {1, 1, 1, 1}};
  for (std::int64_t u = 0; u < 3; ++u) {
    fill(stage.network.decoder_weight, u, rows[static_cast<std::size_t>(u)]);
    fill(stage.network.encoder[0].weight, 2 - u, rows[static_cast<std::size_t>(u)]);
  }
  EXPECT_EQ(dictionary_statistics(stage).atom_delta_median, (1 + 0.25) / 2);
  EXPECT_EQ(dictionary_statistics(stage).filter_delta_median, (0.25 + 1) / 2);
  stage.usage = {0, 3, 0};
  EXPECT_EQ(dictionary_statistics(stage).atom_delta_median, 0.5);
  stage.usage = {0, 0, 0};
  EXPECT_TRUE(std::isnan(dictionary_statistics(stage).atom_delta_median));
}

TEST(DictionaryStatistics, OfALowerLayerCountAllItsFilters) {
  Stage stage = stage_of("1conv3-2conv3-2deconv3");
  stage.usage = {0, 0};
  fill(stage.network.encoder[0].weight, 0, {2, 2});
  EXPECT_EQ(dictionary_statistics(stage).filter_delta_median, 0.5);
}

TEST(DictionaryStatistics, OfTiedWeightsAreThoseOfTheEncoder) {
  Stage stage = stage_of("2fc");
  stage.usage = {1, 1};
  fill(stage.network.encoder[0].weight, 0, {2});
  fill(stage.network.encoder[0].weight, 1, {2});
  EXPECT_EQ(dictionary_statistics(stage).atom_delta_median, 1);
  EXPECT_EQ(dictionary_statistics(stage).filter_delta_median, 1);
}

}  // namespace
}  // namespace wta
