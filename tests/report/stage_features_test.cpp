#include "report/stage_features.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/small_data.h"

namespace wta {
namespace {

using testing_support::small_data;

// Codes of one stage with its pooling off, sample by sample.
Tensor<float> plain_codes(Model model, std::size_t stage, const Samples& samples) {
  model.stages.resize(stage + 1);
  model.top().pooling = {};
  Tensor<float> x({samples.count(), samples.sample_size()});
  samples.read(0, x.matrix());
  Tensor<float> codes({samples.count(), code_size(model)});
  encode({.threads = 1}, model, x.matrix(), codes.matrix());
  return codes;
}

Split of_three_classes(Samples samples) {
  Split split{.samples = std::move(samples), .labels = {}};
  for (std::int64_t n = 0; n < split.samples.count(); ++n)
    split.labels.push_back(static_cast<std::int32_t>(n % 3));
  return split;
}

TEST(StageFeatures, OfUnitsAreOverTheirCodes) {
  const Split split = of_three_classes(small_data(2100));  // three blocks
  const Model model = make_model({.arch = "20fc-11fc", .lifetime = parse_rate("lifetime", "5%")}, {36}, 4);
  const StageFeatures features = gather_features({.threads = 2}, model, 0, split, 3);
  const Tensor<float> codes = plain_codes(model, 0, split.samples);
  EXPECT_EQ(features.statistics.samples(), 2100);
  EXPECT_EQ(features.pictures.tile.height, 6);
  EXPECT_EQ(features.similar.size(), 11U);
  for (std::int64_t u = 0; u < 11; ++u) {
    const UnitStatistics& unit = features.statistics.units()[static_cast<std::size_t>(u)];
    double sum = 0;
    for (std::int64_t n = 0; n < 2100; ++n) sum += codes.matrix()(n, u);
    EXPECT_DOUBLE_EQ(unit.sum, sum);
    for (const StrongSample& strong : unit.strongest)
      EXPECT_EQ(strong.activation, codes.matrix()(strong.sample, u));
    EXPECT_TRUE(features.statistics.selectivity(u));
  }
}

// A stack: the second stage reads pooled maps, its own are looked at unpooled.
Model stack() {
  Model model = make_model({.arch = "3conv3-3deconv3", .pool = "2/2"}, {6, 6}, 1);
  model.stages.push_back(make_stage({.arch = "4conv3-4deconv3", .pool = "3/3"}, {3, 3, 3}, 1, 1));
  return model;
}

TEST(StageFeatures, OfMapsAreTheirLargestValuesAndWhereTheyAre) {
  const Model model = stack();
  const Split split =
      of_three_classes(small_data(150).subset(std::vector<std::int64_t>{5, 1, 7, 70, 149}).reshaped({6, 6}));
  for (const std::size_t stage : {std::size_t{0}, std::size_t{1}}) {
    const StageFeatures features =
        gather_features({.threads = 2}, model, static_cast<std::int64_t>(stage), split, 0);
    const Tensor<float> maps = plain_codes(model, stage, split.samples);
    const std::int64_t units = model.stages[stage].network.units();
    for (std::int64_t u = 0; u < units; ++u) {
      for (const StrongSample& strong : features.statistics.units()[static_cast<std::size_t>(u)].strongest) {
        float largest = 0;
        std::int32_t where = 0;
        for (std::int64_t p = 0; p < maps.row_size() / units; ++p) {
          const float value = maps.matrix()(strong.sample, p * units + u);
          if (value > largest) {
            largest = value;
            where = static_cast<std::int32_t>(p);
          }
        }
        EXPECT_EQ(strong.activation, largest);
        EXPECT_EQ(strong.position, where);
      }
    }
    EXPECT_FALSE(features.statistics.selectivity(0));
  }
}

TEST(PixelOf, GoesThroughTheMiddlesOfThePoolingBelow) {
  Model model = stack();
  EXPECT_EQ(pixel_of(model, 0, 13).y, 2);
  EXPECT_EQ(pixel_of(model, 0, 13).x, 1);
  EXPECT_EQ(pixel_of(model, 1, 5).y, 1 * 2 + 1);
  EXPECT_EQ(pixel_of(model, 1, 5).x, 2 * 2 + 1);
  model.stages[0].pooling = {.window = 5, .stride = 3};  // the last window ends with the map
  EXPECT_EQ(pixel_of(model, 1, 8).y, 5);
  model.stages[0].pooling = {};
  EXPECT_EQ(pixel_of(model, 1, 5).y, 1);
}

TEST(StageFeatures, OfSamplesThatAreNoPicturesAreRows) {
  const Samples samples(Tensor<float>({4, 2, 3, 2}));
  const Model model = make_model({.arch = "5fc"}, {2, 3, 2}, 1);
  const StageFeatures features =
      gather_features({.threads = 1}, model, 0, {.samples = samples, .labels = {}}, 0);
  EXPECT_EQ(features.pictures.tile.height, 1);
  EXPECT_EQ(features.pictures.tile.width, 12);
  EXPECT_EQ(tile_or_row({2, 3, 2}).width, 12);
  EXPECT_EQ(tile_or_row({4, 3}).height, 4);
}

}  // namespace
}  // namespace wta
