#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "io/png.h"
#include "report/atoms.h"
#include "report/shade.h"
#include "wta/error.h"
#include "wta/report.h"

namespace wta {
namespace {

constexpr std::int64_t kGap = 2;            // pixels between tiles
constexpr std::int64_t kWishedWidth = 600;  // small grids are magnified to at least this
constexpr std::uint8_t kPaper = 255;

// A sheet of equal tiles; `set` writes one pixel of one tile, magnified.
class Sheet {
 public:
  Sheet(std::int64_t columns, std::int64_t rows, const TileShape& tile) : tile_(tile) {
    zoom_ = std::max<std::int64_t>(1, kWishedWidth / (columns * (tile.width + kGap)));
    image_.channels = tile.channels;
    image_.width = columns * tile.width * zoom_ + (columns + 1) * kGap;
    image_.height = rows * tile.height * zoom_ + (rows + 1) * kGap;
    image_.pixels.assign(static_cast<std::size_t>(image_.width * image_.height * image_.channels), kPaper);
  }

  void set(std::int64_t column, std::int64_t row, std::int64_t value_index, std::uint8_t shade) {
    const std::int64_t channel = value_index % tile_.channels;
    const std::int64_t x = value_index / tile_.channels % tile_.width;
    const std::int64_t y = value_index / tile_.channels / tile_.width;
    const std::int64_t left = kGap + column * (tile_.width * zoom_ + kGap) + x * zoom_;
    const std::int64_t top = kGap + row * (tile_.height * zoom_ + kGap) + y * zoom_;
    for (std::int64_t dy = 0; dy < zoom_; ++dy) {
      for (std::int64_t dx = 0; dx < zoom_; ++dx) {
        const std::int64_t pixel = (top + dy) * image_.width + left + dx;
        image_.pixels[static_cast<std::size_t>(pixel * image_.channels + channel)] = shade;
      }
    }
  }

  [[nodiscard]] const Image& image() const& { return image_; }
  [[nodiscard]] Image image() && { return std::move(image_); }

 private:
  TileShape tile_;
  std::int64_t zoom_ = 1;
  Image image_;
};

// The size of a cell that holds every picture.
TileShape cell_shape(const PictureTable& rows) {
  TileShape cell{.height = 1, .width = 1, .channels = 1};
  for (const std::vector<Picture>& row : rows) {
    for (const Picture& picture : row) {
      cell.height = std::max(cell.height, picture.tile.height);
      cell.width = std::max(cell.width, picture.tile.width);
      cell.channels = std::max(cell.channels, picture.tile.channels);
    }
  }
  return cell;
}

// Grey pictures have the same value in every channel of the cell.
void set_picture(Sheet& sheet, std::int64_t column, std::int64_t row, const TileShape& cell,
                 const Picture& picture) {
  const TileShape& tile = picture.tile;
  const std::int64_t top = (cell.height - tile.height) / 2;
  const std::int64_t left = (cell.width - tile.width) / 2;
  const auto size = static_cast<std::int64_t>(picture.values.size());
  for (std::int64_t pixel = 0; pixel < size / tile.channels; ++pixel) {
    const std::int64_t place = (top + pixel / tile.width) * cell.width + left + pixel % tile.width;
    for (std::int64_t c = 0; c < cell.channels; ++c) {
      const auto value = static_cast<std::size_t>(pixel * tile.channels + std::min(c, tile.channels - 1));
      sheet.set(column, row, place * cell.channels + c, shade(picture.values[value]));
    }
  }
}

}  // namespace

TileShape tile_shape(const Shape& sample_shape) {
  if (sample_shape.size() == 2) return {.height = sample_shape[0], .width = sample_shape[1]};
  if (sample_shape.size() == 3 && (sample_shape[2] == 1 || sample_shape[2] == 3)) {
    return {.height = sample_shape[0], .width = sample_shape[1], .channels = sample_shape[2]};
  }
  if (sample_shape.size() == 1) {
    const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(sample_shape[0]))));
    if (side * side == sample_shape[0]) return {.height = side, .width = side};
    return {.height = 1, .width = sample_shape[0]};
  }
  throw InvalidArgument(
      fmt::format("picture: a sample must be [D], [H,W], [H,W,1] or [H,W,3] to be drawn; got {}. Try: grey "
                  "or RGB images.",
                  to_string(sample_shape)));
}

Image atom_sheet(ConstMatrixView<float> atoms, std::span<const std::int64_t> order, const TileShape& tile,
                 std::int64_t limit) {
  const std::int64_t count = std::min<std::int64_t>(limit, static_cast<std::int64_t>(order.size()));
  const double aspect = static_cast<double>(tile.height + kGap) / static_cast<double>(tile.width + kGap);
  const auto ideal =
      static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(count) * aspect * 1.5)));
  const std::int64_t columns = std::clamp<std::int64_t>(ideal, 1, std::max<std::int64_t>(1, count));
  Sheet sheet(columns, (count + columns - 1) / columns, tile);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::span<const float> atom = atoms.row_span(order[static_cast<std::size_t>(i)]);
    float largest = 0;
    for (const float value : atom) largest = std::max(largest, std::abs(value));
    const float scale = largest > 0 ? 0.5F / largest : 0;
    for (std::int64_t d = 0; d < atoms.cols; ++d) {
      sheet.set(i % columns, i / columns, d, shade(0.5F + scale * atom[static_cast<std::size_t>(d)]));
    }
  }
  return std::move(sheet).image();
}

void draw_atoms(const std::filesystem::path& path, ConstMatrixView<float> atoms,
                std::span<const std::int64_t> order, const TileShape& tile, std::int64_t limit) {
  write_png(path, atom_sheet(atoms, order, tile, limit));
}

void draw_table(const std::filesystem::path& path, const PictureTable& rows) {
  const TileShape cell = cell_shape(rows);
  std::size_t columns = 1;
  for (const std::vector<Picture>& row : rows) columns = std::max(columns, row.size());
  Sheet sheet(static_cast<std::int64_t>(columns), static_cast<std::int64_t>(rows.size()), cell);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      set_picture(sheet, static_cast<std::int64_t>(c), static_cast<std::int64_t>(r), cell, rows[r][c]);
    }
  }
  write_png(path, sheet.image());
}

void draw_reconstructions(const std::filesystem::path& path, ConstMatrixView<float> inputs,
                          ConstMatrixView<float> reconstructions, const TileShape& tile) {
  constexpr std::int64_t kColumns = 10;
  const std::int64_t columns = std::min(kColumns, std::max<std::int64_t>(1, inputs.rows));
  Sheet sheet(columns, 2 * ((inputs.rows + columns - 1) / columns), tile);
  float low = inputs.rows > 0 ? inputs(0, 0) : 0;
  float high = low;
  for (std::int64_t n = 0; n < inputs.rows; ++n) {
    const auto [smallest, largest] = std::ranges::minmax(inputs.row_span(n));
    low = std::min(low, smallest);
    high = std::max(high, largest);
  }
  const float scale = high > low ? 1 / (high - low) : 0;
  for (std::int64_t n = 0; n < inputs.rows; ++n) {
    const std::int64_t row = 2 * (n / columns);
    for (std::int64_t d = 0; d < inputs.cols; ++d) {
      sheet.set(n % columns, row, d, shade((inputs(n, d) - low) * scale));
      sheet.set(n % columns, row + 1, d, shade((reconstructions(n, d) - low) * scale));
    }
  }
  write_png(path, sheet.image());
}

}  // namespace wta
