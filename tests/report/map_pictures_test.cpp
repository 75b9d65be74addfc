#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "io/png.h"
#include "report/atoms.h"
#include "support/temporary_folder.h"
#include "wta/error.h"
#include "wta/report.h"

namespace wta {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing_support::TemporaryFolder;

// Two maps of 1x1 filters on 4x4 samples: the sample, and twice the sample negated.
Stage two_maps(const std::string& pool) {
  Stage stage = make_stage({.arch = "2conv1-2deconv3", .pool = pool}, {4, 4}, 1);
  stage.network.encoder[0].weight[0] = 1;
  stage.network.encoder[0].weight[1] = -2;
  stage.network.encoder[0].bias.span()[0] = stage.network.encoder[0].bias.span()[1] = 0;
  std::ranges::fill(stage.network.decoder_weight.span(), 0.0F);
  stage.network.decoder_weight[4] = 2;      // map 0: a point
  stage.network.decoder_weight[9 + 3] = 1;  // map 1: a bar, brighter on the right
  stage.network.decoder_weight[9 + 5] = 4;
  stage.usage = {1, 2};
  return stage;
}

Tensor<float> sample() {
  Tensor<float> x({16});
  x[5] = 3;
  x[10] = 6;
  x[12] = -1;
  return x;
}

TEST(MapPictures, ShowTheSampleThenTheMostUsedMapsRowByRow) {
  Model model;
  model.stages.push_back(two_maps("2/2"));
  const Tensor<float> x = sample();
  const PictureTable rows = map_pictures({.threads = 1}, model, 0, x.span(), 16);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].size(), 3U);
  EXPECT_EQ(rows[0][0].values[10], 1);
  EXPECT_FLOAT_EQ(rows[0][0].values[0], 1.0F / 7);
  EXPECT_TRUE(rows[1][0].values.empty());
  EXPECT_EQ(rows[0][2].tile.height, 3);
  EXPECT_THAT(rows[0][2].values, ElementsAre(0.5F, 0.5F, 0.5F, 0.5F, 1.0F, 0.5F, 0.5F, 0.5F, 0.5F));
  EXPECT_THAT(rows[1][2].values, ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0));
  EXPECT_THAT(rows[2][2].values, ElementsAre(0, 0, 0, 0, 0, 0.5F, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0));
  EXPECT_THAT(rows[3][2].values, ElementsAre(0.5F, 0.5F, 0, 0, 0.5F, 0.5F, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1));
  EXPECT_EQ(rows[2][1].values[12], 1);
  EXPECT_EQ(map_pictures({.threads = 1}, model, 0, x.span(), 1)[2].size(), 2U);
}

TEST(MapPictures, WithoutSpatialSparsityTrainingKeepsTheMap) {
  Model model;
  model.stages.push_back(two_maps("off"));
  model.top().network.spatial = false;
  const Tensor<float> x = sample();
  const PictureTable rows = map_pictures({.threads = 1}, model, 0, x.span(), 2);
  EXPECT_EQ(rows[1][2].values, rows[2][2].values);
  EXPECT_EQ(rows[3][2].values, rows[2][2].values);
}

TEST(MapPictures, OfWhatHasNoMapsAreRefused) {
  const Model fc = make_model({.arch = "3fc"}, {4, 4}, 1);
  const Tensor<float> x = sample();
  EXPECT_THROW((void)map_pictures({.threads = 1}, fc, 0, x.span(), 1), InvalidArgument);
  EXPECT_THROW((void)map_pictures({.threads = 1}, fc, 1, x.span(), 1), InvalidArgument);
}

// A cell of the pooled maps is two pixels wide, so neighbours of a second-stage atom lie two pixels apart.
TEST(Projection, PlacesTheAtomsBelowAtTheStrideOfThePooling) {
  Model model;
  model.stages.push_back(two_maps("2/2"));
  model.stages.push_back(make_stage({.arch = "1conv1-1deconv1", .pool = "off"}, {2, 2, 2}, 1));
  Tensor<float>& atom = model.top().network.decoder_weight;
  atom = Tensor<float>({1, 3, 3, 2});
  atom[0] = 1;           // top left, map 0
  atom[4 * 2 + 1] = 10;  // centre, map 1
  const AtomPictures pictures = project_atoms(model, 1);
  ASSERT_EQ(pictures.tile.height, 7);  // 2 * 2 + 3
  ASSERT_EQ(pictures.tile.width, 7);
  std::vector<float> expected(49);
  expected[1 * 7 + 1] = 2;
  expected[3 * 7 + 2] = 10;
  expected[3 * 7 + 4] = 40;
  EXPECT_THAT(pictures.atoms.span(), ElementsAreArray(expected));
  EXPECT_THAT(project_atoms(model, 0).atoms.span(),
              ElementsAreArray(model.stages[0].network.decoder_weight.span()));
  EXPECT_THROW((void)project_atoms(model, 2), InvalidArgument);
}

TEST(Projection, OfAFullyConnectedStageSumsThePicturesOfItsInputs) {
  Model model = make_model({.arch = "2fc"}, {2, 2}, 1);
  model.stages.push_back(make_stage({.arch = "1fc"}, {2}, 1, 1));
  std::ranges::copy(std::vector<float>{1, 2, 3, 4, 0, 0, 1, 1},
                    model.stages[0].network.encoder[0].weight.data());
  std::ranges::copy(std::vector<float>{2, -1}, model.stages[1].network.encoder[0].weight.data());
  const AtomPictures pictures = project_atoms(model, 1);
  EXPECT_EQ(pictures.tile.height, 2);
  EXPECT_THAT(pictures.atoms.span(), ElementsAre(2, 4, 5, 7));
}

// Cells of 300 pixels are not magnified: cells begin at 2 and 304, the small picture in its middle.
TEST(Projection, OfSomeUnitsGivesTheirPicturesInThatOrder) {
  Model model = make_model({.arch = "3conv3-3deconv3", .pool = "2/2"}, {8, 8}, 1);
  model.stages.push_back(make_stage({.arch = "5conv3-5deconv3", .pool = "off"}, {4, 4, 3}, 1, 1));
  const std::vector<std::int64_t> units = {2, 0};
  for (const std::int64_t stage : {0, 1}) {
    const AtomPictures all = project_atoms(model, stage);
    const AtomPictures some = project_atoms(model, stage, units);
    EXPECT_EQ(some.tile.width, all.tile.width);
    ASSERT_EQ(some.atoms.shape()[0], 2);
    EXPECT_THAT(some.atoms.matrix().row_span(0), ElementsAreArray(all.atoms.matrix().row_span(2)));
    EXPECT_THAT(some.atoms.matrix().row_span(1), ElementsAreArray(all.atoms.matrix().row_span(0)));
  }
}

TEST(Table, CentresSmallPicturesAndLeavesMissingOnesBlank) {
  const TemporaryFolder folder;
  const Picture wide{.tile = {.height = 1, .width = 300}, .values = std::vector<float>(300, 0.0F)};
  const Picture point{.tile = {.height = 1, .width = 2}, .values = {0.0F, 0.5F}};
  draw_table(folder.path() / "t.png", {{wide, point}, {{}, wide}});
  const Image image = read_png(folder.path() / "t.png");
  const auto pixel = [&](std::int64_t y, std::int64_t x) {
    return image.pixels[static_cast<std::size_t>(y * image.width + x)];
  };
  ASSERT_EQ(image.width, 606);
  ASSERT_EQ(image.height, 8);
  EXPECT_EQ(pixel(2, 2), 0);
  EXPECT_EQ(pixel(2, 304 + 148), 255);
  EXPECT_EQ(pixel(2, 304 + 149), 0);
  EXPECT_EQ(pixel(2, 304 + 150), 128);
  EXPECT_EQ(pixel(5, 2), 255);
  EXPECT_EQ(pixel(5, 304), 0);
}

}  // namespace
}  // namespace wta
