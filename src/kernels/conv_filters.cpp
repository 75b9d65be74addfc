#include "kernels/conv_filters.h"

#include <algorithm>
#include <limits>

#include "kernels/conv_paths.h"
#include "kernels/conv_relu.h"
#include "wta/error.h"

namespace wta::cpu {
namespace {

/// Tiles in flight that measured well: each weight that is fetched is used by all of them.
constexpr std::int64_t kTilesInFlight = 112;
/// Output panels at a time: the products of one row of frequencies stay in the second-level cache.
constexpr std::int64_t kPanelsInFlight = 4;
/// Patches of a strip: whole blocks of the product, in the second-level cache with a panel of weights.
constexpr std::int64_t kStripFloats = std::int64_t{128} << 10;

std::int64_t frequencies(const ConvShape& shape, std::int64_t tile) {
  const std::int64_t side = tile + shape.kernel - 1;
  return tile == 1 ? 1 : side * side;
}

/// Multiplications for one sample, one input and one output channel.
std::int64_t multiplications(const ConvShape& shape, std::int64_t tile) {
  if (tile == 1) return shape.height * shape.width * shape.kernel * shape.kernel;
  return ceil_div(shape.height, tile) * ceil_div(shape.width, tile) * frequencies(shape, tile);
}

}  // namespace

std::vector<std::int64_t> conv_tiles(std::int64_t kernel) {
  if (kernel == 3) return {1, 4, 6};
  if (kernel == 5) return {1, 4};
  if (kernel == 7) return {1, 2};
  return {1};
}

std::int64_t best_conv_tile(const ConvShape& shape) {
  constexpr std::int64_t kFewChannels = 4;
  if (shape.in < kFewChannels) return 1;
  return std::ranges::min(conv_tiles(shape.kernel), {},
                          [&](std::int64_t tile) { return multiplications(shape, tile); });
}

ConvFilters::ConvFilters(const ConvShape& shape, std::int64_t tile)
    : shape_(shape), tile_(tile), inner_(tile == 1 ? shape.kernel * shape.kernel * shape.in : shape.in) {
  const std::vector<std::int64_t> tiles = conv_tiles(shape.kernel);
  if (std::ranges::find(tiles, tile) == tiles.end()) {
    throw InternalError("ConvFilters: no algorithm for this kernel and tile; please report");
  }
  frequency_stride_ = spread(ceil_div(shape.out, kPanel) * kPanel * inner_);
  weights_.assign(static_cast<std::size_t>(frequencies(shape, tile) * frequency_stride_), 0.0F);
}

std::int64_t ConvFilters::block_samples() const {
  if (tile_ == 1) return 1;
  return std::max(std::int64_t{1}, kTilesInFlight / WinogradLayout(*this).grid.tiles());
}

std::int64_t ConvFilters::scratch_size() const {
  if (tile_ == 1) return PatchesLayout(*this).scratch_size();
  const WinogradLayout layout(*this);
  return layout.left_size() + layout.products_size() + layout.reduced_size(tile_);
}

void ConvFilters::assign(ConstMatrixView<float> w, std::int64_t begin, std::int64_t end) {
  tile_ == 1 ? patches_assign(*this, w, begin, end) : winograd_assign(*this, w, begin, end);
}

// Streaming halves the time of 1->128 5x5 on 28x28 (bench/conv_kernels_bench.cpp), which is mostly stores. A
// batch of 100 of such maps exceeds a last-level cache of 32 MiB; smaller ones are better left there for the
// next layer.
ConvToMaps::ConvToMaps(std::span<const float> b, float f, MapsView<float> to) : bias(b), floor(f), h(to) {
  constexpr std::int64_t kLargeMaps = std::int64_t{64} << 10;
  const bool aligned = reinterpret_cast<std::uintptr_t>(to.data) % kLineBytes == 0 &&
                       to.shape.channels * static_cast<std::int64_t>(sizeof(float)) % kLineBytes == 0;
  stream = aligned && to.shape.size() >= kLargeMaps;
}

PatchesLayout::PatchesLayout(const ConvFilters& filters) : chunks(ceil_div(filters.inner(), kChunk)) {
  constexpr std::int64_t kBlocks = 14;
  const std::int64_t fitting = kStripFloats / (chunks * kChunk) / kBlocks * kBlocks;
  strip = std::clamp(fitting, kBlocks, 8 * kBlocks);
}

WinogradLayout::WinogradLayout(const ConvFilters& filters)
    : side(filters.input_tile() + filters.shape().kernel - 1),
      grid(filters.shape(), filters.input_tile()),
      chunks(ceil_div(filters.shape().in, kChunk)),
      panels(std::min(kPanelsInFlight, ceil_div(filters.shape().out, ConvFilters::kPanel))) {
  // Whole samples, or a sample in nearly equal parts.
  const std::int64_t tiles = grid.tiles();
  block = tiles > kTilesInFlight ? ceil_div(tiles, ceil_div(tiles, kTilesInFlight))
                                 : kTilesInFlight / tiles * tiles;
  frequency_stride = spread(chunks * block * kChunk);
  row_stride = spread(panels * block * ConvFilters::kPanel);
}

namespace {

template <class Out>
void convolve(const ConvFilters& filters, ConstMapsView<float> x, const Out& out, float* scratch) {
  if (filters.input_tile() == 1) {
    patches_conv(filters, x, out, scratch);
  } else {
    winograd_conv(filters, x, out, scratch);
  }
}

}  // namespace

void conv_relu(const ConvFilters& filters, std::span<const float> bias, ConstMapsView<float> x,
               MapsView<float> h, float* scratch) {
  convolve(filters, x, ConvToMaps(bias, 0.0F, h), scratch);
}

void conv_linear(const ConvFilters& filters, ConstMapsView<float> x, MapsView<float> h, float* scratch) {
  convolve(filters, x, ConvToMaps({}, -std::numeric_limits<float>::infinity(), h), scratch);
}

void conv_relu_max(const ConvFilters& filters, std::span<const float> bias, ConstMapsView<float> x,
                   MatrixView<float> value, MatrixView<std::int32_t> position, float* scratch) {
  convolve(filters, x, ConvToMax{bias, value, position, filters.shape().width}, scratch);
}

}  // namespace wta::cpu
