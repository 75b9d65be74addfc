#include "report/sprites.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/rng.h"
#include "io/jpeg.h"
#include "io/png.h"

namespace wta {
namespace {

// The bytes behind a data URI.
std::vector<std::byte> bytes_of(const std::string& uri) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::byte> bytes;
  std::uint32_t group = 0;
  int held = 0;
  for (std::size_t i = uri.find(',') + 1; i < uri.size() && uri[i] != '='; ++i) {
    group = group << 6 | static_cast<std::uint32_t>(digits.find(uri[i]));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<std::byte>(group >> held & 255U));
  }
  return bytes;
}

Image image_of(const std::string& uri) {
  return uri.starts_with("data:image/png") ? decode_png(bytes_of(uri), "sheet")
                                           : decode_jpeg(bytes_of(uri), "sheet");
}

// Tile `index` cut out of its sheet, with a border of one pixel.
std::vector<int> bordered_tile(const Sprites& sprites, std::int64_t index) {
  const std::int64_t per_sheet = sprites.columns * sprites.rows;
  const Image sheet = image_of(sprites.sheets.at(static_cast<std::size_t>(index / per_sheet)));
  const std::int64_t top = index % per_sheet / sprites.columns * sprites.cell_height;
  const std::int64_t left = index % per_sheet % sprites.columns * sprites.cell_width;
  std::vector<int> values;
  for (std::int64_t y = 0; y < sprites.drawn.height + 2; ++y) {
    for (std::int64_t i = 0; i < (sprites.drawn.width + 2) * sheet.channels; ++i) {
      const std::int64_t at = ((top + y) * sheet.width + left) * sheet.channels + i;
      values.push_back(sheet.pixels.at(static_cast<std::size_t>(at)));
    }
  }
  return values;
}

TEST(Sprites, LieInTheirCellsWithTheirBorderRepeated) {
  const TileShape tile{.height = 2, .width = 2, .channels = 3};
  const auto picture = [&](std::int64_t i) {
    const float step = static_cast<float>(i) / 255;
    return Picture{.tile = tile, .values = {0.2F, 0.4F, 0.6F, step, 1, 2, 0, step, 0, -1, 0, 1}};
  };
  const Sprites sprites = draw_sprites(5, tile, picture, 1 << 20);
  EXPECT_EQ(sprites.sheets.size(), 1U);
  EXPECT_TRUE(sprites.sheets[0].starts_with("data:image/png;base64,"));
  for (int i = 0; i < 5; ++i) {
    const std::vector<int> upper = {51, 102, 153, 51, 102, 153, i, 255, 255, i, 255, 255};
    const std::vector<int> lower = {0, i, 0, 0, i, 0, 0, 0, 255, 0, 0, 255};
    std::vector<int> expected;
    for (const auto& row : {upper, upper, lower, lower})
      expected.insert(expected.end(), row.begin(), row.end());
    EXPECT_EQ(bordered_tile(sprites, i), expected) << i;
  }
}

TEST(Sprites, GoOnANewSheetWhenOneIsFull) {
  const TileShape tile{.height = 500, .width = 500};
  const auto picture = [&](std::int64_t i) {
    return Picture{.tile = tile, .values = std::vector<float>(250000, static_cast<float>(i) / 255)};
  };
  const Sprites sprites = draw_sprites(20, tile, picture, 1 << 20);
  EXPECT_EQ(sprites.columns, 4);
  EXPECT_EQ(sprites.rows, 4);
  EXPECT_EQ(sprites.sheets.size(), 2U);
  EXPECT_EQ(bordered_tile(sprites, 19).at(7), 19);
}

// Noise, which nothing compresses.
Picture noise(std::int64_t i, const TileShape& tile) {
  Picture picture{.tile = tile, .values = {}};
  const Rng rng(1, Purpose::validation, static_cast<std::uint64_t>(i));
  for (std::int64_t d = 0; d < tile.height * tile.width * tile.channels; ++d)
    picture.values.push_back(rng.uniform(static_cast<std::uint64_t>(d)));
  return picture;
}

TEST(Sprites, KeepToTheirBudgetByJpegAndThenBySmallerTiles) {
  const TileShape tile{.height = 30, .width = 21, .channels = 3};
  const auto picture = [&](std::int64_t i) { return noise(i, tile); };
  std::int64_t height = 30;
  for (const std::int64_t budget : {400'000, 200'000, 60'000, 10'000}) {
    const Sprites sprites = draw_sprites(100, tile, picture, budget);
    std::int64_t bytes = 0;
    for (const std::string& sheet : sprites.sheets) bytes += std::ssize(sheet);
    EXPECT_LE(bytes, budget);
    EXPECT_EQ(sprites.tile.height, 30);
    EXPECT_LE(sprites.drawn.height, height);
    height = sprites.drawn.height;
    EXPECT_EQ(image_of(sprites.sheets[0]).channels, 3);
  }
  EXPECT_LT(height, 30);
  const Sprites jpeg = draw_sprites(100, tile, picture, 200'000);
  EXPECT_TRUE(jpeg.sheets[0].starts_with("data:image/jpeg;base64,"));
  EXPECT_EQ(jpeg.drawn.height, 30);
  EXPECT_EQ(jpeg.cell_height % 8, 0);
}

TEST(Sprites, OfHalfTheSizeShowMeansOfSquares) {
  const TileShape tile{.height = 3, .width = 1600};  // wider than a sheet's largest tile
  const auto picture = [&](std::int64_t) {
    Picture one{.tile = tile, .values = std::vector<float>(4800, 0.0F)};
    one.values[0] = one.values[1] = one.values[1600] = 1;  // three of the first square's four
    one.values[3200] = 1;                                  // one of the two below it
    return one;
  };
  const Sprites sprites = draw_sprites(1, tile, picture, 1 << 20);
  EXPECT_EQ(sprites.drawn.height, 2);
  EXPECT_EQ(sprites.drawn.width, 800);
  const std::vector<int> tiles = bordered_tile(sprites, 0);
  EXPECT_EQ(tiles.at(802 + 1), 191);
  EXPECT_EQ(tiles.at(2 * 802 + 1), 128);
  EXPECT_EQ(tiles.at(802 + 2), 0);
}

TEST(Sprites, OfNoPicturesAreNone) {
  EXPECT_TRUE(draw_sprites(0, {.height = 2, .width = 2}, {}, 1000).sheets.empty());
}

}  // namespace
}  // namespace wta
