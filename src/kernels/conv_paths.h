#pragma once
/// What the two algorithms of the convolution share; private to the kernels.

#include <cstdint>
#include <span>

#include "kernels/conv_filters.h"
#include "kernels/maps.h"
#include "wta/tensor.h"

namespace wta::cpu {

/// The inner dimension of the product's left side is cut into chunks: [chunk][row][kChunk].
inline constexpr std::int64_t kChunk = 16;

[[nodiscard]] constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

inline constexpr std::int64_t kLineBytes = 64;

/// Where sums go: max(floor, sum + bias) to maps. An empty bias is 0.
struct ConvToMaps {
  ConvToMaps(std::span<const float> b, float f, MapsView<float> to);

  std::span<const float> bias;
  float floor;
  MapsView<float> h;
  bool stream;  ///< write past the caches: a batch of these maps is larger than they are
};

/// Or the largest max(0, sum + bias) of each map; holds the largest so far while a call runs.
struct ConvToMax {
  std::span<const float> bias;
  MatrixView<float> value;
  MatrixView<std::int32_t> position;
  std::int64_t width;
};

/// Scratch of the patches path: strips of consecutive positions of a sample.
struct PatchesLayout {
  explicit PatchesLayout(const ConvFilters& filters);

  std::int64_t strip;   ///< positions
  std::int64_t chunks;  ///< of a patch
  [[nodiscard]] std::int64_t left_size() const { return chunks * strip * kChunk; }
  [[nodiscard]] std::int64_t sums_size() const { return strip * ConvFilters::kPanel; }
  [[nodiscard]] std::int64_t scratch_size() const {
    return left_size() + sums_size() + (chunks + 1) * kChunk;
  }
};

/// The tiles of a sample's outputs, tile x tile positions each, row-major; the last ones may reach beyond the
/// maps.
struct TileGrid {
  TileGrid(const ConvShape& shape, std::int64_t side)
      : tile(side), tiles_x(ceil_div(shape.width, side)), tiles_y(ceil_div(shape.height, side)) {}
  std::int64_t tile;
  std::int64_t tiles_x;
  std::int64_t tiles_y;
  [[nodiscard]] std::int64_t tiles() const { return tiles_x * tiles_y; }
};

/// A stride that spreads lines of equal offset over the sets of the caches.
[[nodiscard]] constexpr std::int64_t spread(std::int64_t stride) {
  return stride + ConvFilters::kPanel;
}

/// Scratch of the Winograd path: some tiles, and some panels of outputs, at a time.
struct WinogradLayout {
  explicit WinogradLayout(const ConvFilters& filters);

  std::int64_t side;  ///< frequencies a side: tile + kernel - 1
  TileGrid grid;
  std::int64_t block;             ///< tiles at a time
  std::int64_t chunks;            ///< of the input channels
  std::int64_t panels;            ///< of outputs at a time
  std::int64_t frequency_stride;  ///< of the transformed tiles [side * side][chunk][tile][kChunk]
  std::int64_t row_stride;        ///< of the products of one row of frequencies [side][panel][tile][kPanel]
  [[nodiscard]] std::int64_t left_size() const { return side * side * frequency_stride; }
  [[nodiscard]] std::int64_t products_size() const { return side * row_stride; }
  /// Products whose rows are transformed: [chunk of outputs][tile][side][tile_side][kChunk].
  [[nodiscard]] std::int64_t reduced_size(std::int64_t tile_side) const {
    return panels * block * ConvFilters::kPanel * side * tile_side;
  }
};

void patches_assign(ConvFilters& filters, ConstMatrixView<float> w, std::int64_t begin, std::int64_t end);
void patches_conv(const ConvFilters& filters, ConstMapsView<float> x, const ConvToMaps& out, float* scratch);
void patches_conv(const ConvFilters& filters, ConstMapsView<float> x, const ConvToMax& out, float* scratch);

void winograd_assign(ConvFilters& filters, ConstMatrixView<float> w, std::int64_t begin, std::int64_t end);
void winograd_conv(const ConvFilters& filters, ConstMapsView<float> x, const ConvToMaps& out, float* scratch);
void winograd_conv(const ConvFilters& filters, ConstMapsView<float> x, const ConvToMax& out, float* scratch);

}  // namespace wta::cpu
