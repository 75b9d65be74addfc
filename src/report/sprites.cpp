#include "report/sprites.h"

#include <algorithm>

#include "io/base64.h"
#include "io/jpeg.h"
#include "io/png.h"
#include "report/shade.h"

namespace wta {
namespace {

constexpr std::int64_t kSheetSide = 2048;  // larger pictures are costly on a phone
constexpr std::int64_t kLargestTile = 1024;
constexpr std::int64_t kJpegBlock = 8;
constexpr int kJpegQuality = 85;

enum class Encoding { png, jpeg };

// Text of a picture that compresses well, as a part of its pixels; below it an attempt would be in vain.
constexpr std::int64_t best_ratio(Encoding encoding) {
  return encoding == Encoding::png ? 6 : 24;
}

std::int64_t rounded_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// The mean of each square of `factor` pixels, which may end with the picture.
Picture shrunk(const Picture& picture, std::int64_t factor, const TileShape& tile) {
  if (factor == 1) return picture;
  Picture small{
      .tile = tile,
      .values = std::vector<float>(static_cast<std::size_t>(tile.height * tile.width * tile.channels))};
  std::vector<float> weights(small.values.size());
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(picture.values.size()); ++i) {
    const std::int64_t channel = i % picture.tile.channels;
    const std::int64_t x = i / picture.tile.channels % picture.tile.width;
    const std::int64_t y = i / picture.tile.channels / picture.tile.width;
    const auto cell =
        static_cast<std::size_t>(((y / factor) * tile.width + x / factor) * tile.channels + channel);
    small.values[cell] += picture.values[static_cast<std::size_t>(i)];
    weights[cell] += 1;
  }
  for (std::size_t i = 0; i < weights.size(); ++i) small.values[i] /= weights[i];
  return small;
}

// Fills a whole cell: the tile, and its border out to the edges.
void set_cell(Image& sheet, const Sprites& sprites, std::int64_t cell, const Picture& picture) {
  const std::int64_t top = cell / sprites.columns * sprites.cell_height;
  const std::int64_t left = cell % sprites.columns * sprites.cell_width;
  const TileShape& tile = sprites.drawn;
  for (std::int64_t y = 0; y < sprites.cell_height; ++y) {
    const std::int64_t from_y = std::clamp<std::int64_t>(y - Sprites::kBorder, 0, tile.height - 1);
    for (std::int64_t x = 0; x < sprites.cell_width; ++x) {
      const std::int64_t from_x = std::clamp<std::int64_t>(x - Sprites::kBorder, 0, tile.width - 1);
      for (std::int64_t c = 0; c < tile.channels; ++c) {
        const std::int64_t from = (from_y * tile.width + from_x) * tile.channels + c;
        const std::int64_t to = ((top + y) * sheet.width + left + x) * tile.channels + c;
        sheet.pixels[static_cast<std::size_t>(to)] = shade(picture.values[static_cast<std::size_t>(from)]);
      }
    }
  }
}

Sprites lay_out(std::int64_t count, const TileShape& tile, std::int64_t factor, Encoding encoding) {
  const std::int64_t multiple = encoding == Encoding::jpeg ? kJpegBlock : 1;
  Sprites sprites{.tile = tile, .drawn = tile, .count = count};
  sprites.drawn.height = (tile.height + factor - 1) / factor;
  sprites.drawn.width = (tile.width + factor - 1) / factor;
  sprites.cell_height = rounded_up(sprites.drawn.height + 2 * Sprites::kBorder, multiple);
  sprites.cell_width = rounded_up(sprites.drawn.width + 2 * Sprites::kBorder, multiple);
  sprites.columns =
      std::clamp<std::int64_t>(kSheetSide / sprites.cell_width, 1, std::max<std::int64_t>(1, count));
  sprites.rows =
      std::clamp<std::int64_t>(kSheetSide / sprites.cell_height, 1,
                               std::max<std::int64_t>(1, (count + sprites.columns - 1) / sprites.columns));
  return sprites;
}

std::string data_uri(const Image& sheet, Encoding encoding) {
  if (encoding == Encoding::png) return "data:image/png;base64," + base64(encode_png(sheet, "report"));
  return "data:image/jpeg;base64," + base64(encode_jpeg(sheet, kJpegQuality, "report"));
}

std::int64_t pixels_of(const Sprites& sprites) {
  return sprites.count * sprites.cell_height * sprites.cell_width * sprites.drawn.channels;
}

// The bytes of all sheets; stops where they are more than `budget_bytes`.
std::int64_t draw_sheets(Sprites& sprites, const std::function<Picture(std::int64_t)>& picture,
                         std::int64_t factor, Encoding encoding, std::int64_t budget_bytes) {
  const std::int64_t per_sheet = sprites.columns * sprites.rows;
  std::int64_t bytes = 0;
  for (std::int64_t begin = 0; begin < sprites.count && bytes <= budget_bytes; begin += per_sheet) {
    Image sheet{.height = sprites.rows * sprites.cell_height,
                .width = sprites.columns * sprites.cell_width,
                .channels = sprites.drawn.channels,
                .pixels = {}};
    sheet.pixels.resize(static_cast<std::size_t>(sheet.height * sheet.width * sheet.channels));
    for (std::int64_t i = begin; i < std::min(sprites.count, begin + per_sheet); ++i) {
      set_cell(sheet, sprites, i - begin, shrunk(picture(i), factor, sprites.drawn));
    }
    sprites.sheets.push_back(data_uri(sheet, encoding));
    bytes += std::ssize(sprites.sheets.back());
  }
  return bytes;
}

}  // namespace

Sprites draw_sprites(std::int64_t count, const TileShape& tile,
                     const std::function<Picture(std::int64_t)>& picture, std::int64_t budget_bytes) {
  const std::int64_t side = std::max(tile.height, tile.width);
  for (std::int64_t factor = (side + kLargestTile - 1) / kLargestTile;; factor *= 2) {
    for (const Encoding encoding : {Encoding::png, Encoding::jpeg}) {
      Sprites sprites = lay_out(count, tile, factor, encoding);
      const bool last = factor >= side;
      if (!last && pixels_of(sprites) / best_ratio(encoding) > budget_bytes) continue;
      if (draw_sheets(sprites, picture, factor, encoding, last ? INT64_MAX : budget_bytes) <= budget_bytes ||
          last)
        return sprites;
    }
  }
}

}  // namespace wta
