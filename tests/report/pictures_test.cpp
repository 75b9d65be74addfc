#include <gtest/gtest.h>

#include "io/png.h"
#include "support/temporary_folder.h"
#include "wta/error.h"
#include "wta/report.h"

namespace wta {
namespace {

using testing_support::TemporaryFolder;

std::uint8_t pixel(const Image& image, std::int64_t y, std::int64_t x, std::int64_t channel = 0) {
  return image.pixels[static_cast<std::size_t>((y * image.width + x) * image.channels + channel)];
}

TEST(TileShape, FollowsTheSampleAndMakesSquaresOfVectors) {
  EXPECT_EQ(tile_shape({28, 20}).height, 28);
  EXPECT_EQ(tile_shape({28, 20}).width, 20);
  EXPECT_EQ(tile_shape({32, 32, 3}).channels, 3);
  EXPECT_EQ(tile_shape({784}).height, 28);
  EXPECT_EQ(tile_shape({10}).width, 10);
  EXPECT_THROW((void)tile_shape({2, 2, 5}), InvalidArgument);
  EXPECT_THROW((void)tile_shape({2, 2, 3, 1}), InvalidArgument);
}

// 300 wide tiles are drawn pixel by pixel (no magnification): a 1 x 300 tile starts at (2, 2).
TEST(Atoms, AreScaledByThemselvesWithZeroInTheMiddle) {
  const TemporaryFolder folder;
  Tensor<float> atoms({2, 300});
  atoms[0] = -4;
  atoms[1] = 4;
  atoms[300] = 0.001F;
  const std::vector<std::int64_t> order = {1, 0};
  draw_atoms(folder.path() / "a.png", atoms.matrix(), order, {.height = 1, .width = 300});
  const Image image = read_png(folder.path() / "a.png");
  ASSERT_EQ(image.width, 304);  // one column,
  ASSERT_EQ(image.height, 8);   // two rows: the most used, unit 1, above
  EXPECT_EQ(pixel(image, 0, 0), 255);
  EXPECT_EQ(pixel(image, 2, 2), 255);
  EXPECT_EQ(pixel(image, 2, 3), 128);
  EXPECT_EQ(pixel(image, 5, 2), 0);
  EXPECT_EQ(pixel(image, 5, 3), 255);
}

TEST(Atoms, AtMostTheLimitIsDrawn) {
  const TemporaryFolder folder;
  const Tensor<float> atoms({5, 300 * 300});
  const std::vector<std::int64_t> order = {0, 1, 2, 3, 4};
  draw_atoms(folder.path() / "a.png", atoms.matrix(), order, {.height = 300, .width = 300}, 1);
  EXPECT_EQ(read_png(folder.path() / "a.png").height, 304);
}

// Red, green and blue of one atom keep their proportions; each atom fills its own range.
TEST(Atoms, OfThreeChannelsAreRgbScaledByTheLargestOfAllChannels) {
  const TemporaryFolder folder;
  Tensor<float> atoms({2, 900});
  atoms[0] = 4;
  atoms[1] = -2;
  atoms[4] = 1;
  atoms[900] = 0.5F;
  atoms[905] = -0.25F;
  const std::vector<std::int64_t> order = {0, 1};
  draw_atoms(folder.path() / "a.png", atoms.matrix(), order, {.height = 1, .width = 300, .channels = 3});
  const Image image = read_png(folder.path() / "a.png");
  ASSERT_EQ(image.channels, 3);
  ASSERT_EQ(image.height, 8);
  EXPECT_EQ(pixel(image, 2, 2, 0), 255);  // 4 of 4
  EXPECT_EQ(pixel(image, 2, 2, 1), 64);   // -2 of 4
  EXPECT_EQ(pixel(image, 2, 2, 2), 128);
  EXPECT_EQ(pixel(image, 2, 3, 0), 128);
  EXPECT_EQ(pixel(image, 2, 3, 1), 159);  // 1 of 4
  EXPECT_EQ(pixel(image, 5, 2, 0), 255);  // the second atom by itself
  EXPECT_EQ(pixel(image, 5, 3, 2), 64);
}

TEST(Reconstructions, OfThreeChannelsAreRgb) {
  const TemporaryFolder folder;
  Tensor<float> x({1, 900});
  x[0] = 1;
  x[5] = 0.5F;
  Tensor<float> reconstruction({1, 900});
  reconstruction[1] = 0.25F;
  draw_reconstructions(folder.path() / "r.png", std::as_const(x).matrix(),
                       std::as_const(reconstruction).matrix(), {.height = 1, .width = 300, .channels = 3});
  const Image image = read_png(folder.path() / "r.png");
  ASSERT_EQ(image.channels, 3);
  EXPECT_EQ(pixel(image, 2, 2, 0), 255);
  EXPECT_EQ(pixel(image, 2, 2, 1), 0);
  EXPECT_EQ(pixel(image, 2, 3, 2), 128);
  EXPECT_EQ(pixel(image, 5, 2, 0), 0);
  EXPECT_EQ(pixel(image, 5, 2, 1), 64);
}

TEST(Reconstructions, StandBelowTheirInputsInTheRangeOfTheInputs) {
  const TemporaryFolder folder;
  const Tensor<float> inputs({1, 300}, std::vector<float>(300, 0.5F));
  Tensor<float> x = inputs;
  x[0] = 0;
  x[1] = 1;
  Tensor<float> reconstruction({1, 300});
  reconstruction[1] = 7;
  reconstruction[2] = 0.5F;
  draw_reconstructions(folder.path() / "r.png", std::as_const(x).matrix(),
                       std::as_const(reconstruction).matrix(), {.height = 1, .width = 300});
  const Image image = read_png(folder.path() / "r.png");
  ASSERT_EQ(image.height, 8);
  EXPECT_EQ(pixel(image, 2, 2), 0);
  EXPECT_EQ(pixel(image, 2, 3), 255);
  EXPECT_EQ(pixel(image, 2, 4), 128);
  EXPECT_EQ(pixel(image, 5, 3), 255);
  EXPECT_EQ(pixel(image, 5, 4), 128);
}

}  // namespace
}  // namespace wta
