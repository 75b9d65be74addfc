/// The product of both convolution algorithms, compiled once per instruction set.
#if defined(WTA_KERNELS_PANEL_PRODUCT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef WTA_KERNELS_PANEL_PRODUCT_INL_H_
#undef WTA_KERNELS_PANEL_PRODUCT_INL_H_
#else
#define WTA_KERNELS_PANEL_PRODUCT_INL_H_
#endif

#include <algorithm>
#include <array>
#include <utility>

#include "kernels/conv_paths.h"
#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

constexpr std::int64_t kPanel = cpu::ConvFilters::kPanel;
using cpu::kChunk;

/// out [rows, kPanel] = left [rows, inner] * weights [inner, kPanel].
struct PanelProduct {
  const float* left;          ///< [chunk][row][pitch], of which `chunk` values count; rows may overlap
  std::int64_t chunk;         ///< values of a row that follow each other
  std::int64_t chunk_stride;  ///< from one chunk to the next
  std::int64_t inner;
  const float* weights;  ///< [inner][kPanel]
  float* out;
};

/// Rows and vectors that are multiplied at a time: as many sums as the registers hold beside the operands.
constexpr int kBlockRows = kLanes >= 16 ? 14 : 6;
constexpr int kBlockVectors = 2;

/// Each sum is one chain of multiply-adds over the inner dimension, ascending: its bits do not depend on
/// the block that it is computed in.
template <int kPitch, int kRows, int kVectors>
void multiply_block(const PanelProduct& p) {
  const Floats d;
  FloatVector sum[kRows][kVectors];
  for (int r = 0; r < kRows; ++r) {
    for (int j = 0; j < kVectors; ++j) sum[r][j] = hn::Zero(d);
  }
  const float* HWY_RESTRICT weights = p.weights;
  const float* HWY_RESTRICT left = p.left;
  std::int64_t missing = p.inner;
  do {
    const float* const end = left + std::min(p.chunk, missing);
    const float* HWY_RESTRICT value_at = left;
    do {
      FloatVector w[kVectors];
      for (int j = 0; j < kVectors; ++j) w[j] = hn::Load(d, weights + j * kLanes);
      for (int r = 0; r < kRows; ++r) {
        const FloatVector value = hn::Set(d, value_at[std::int64_t{r} * kPitch]);
        for (int j = 0; j < kVectors; ++j) sum[r][j] = hn::MulAdd(value, w[j], sum[r][j]);
      }
      weights += kPanel;
    } while (++value_at != end);
    left += p.chunk_stride;
    missing -= p.chunk;
  } while (missing > 0);
  for (int r = 0; r < kRows; ++r) {
    for (int j = 0; j < kVectors; ++j) hn::Store(sum[r][j], d, p.out + r * kPanel + j * kLanes);
  }
}

using BlockKernel = void (*)(const PanelProduct&);

template <int kPitch, int kVectors, std::size_t... kRows>
constexpr std::array<BlockKernel, sizeof...(kRows)> block_kernels(std::index_sequence<kRows...>) {
  return {multiply_block<kPitch, static_cast<int>(kRows) + 1, kVectors>...};
}

/// The first `columns` outputs of the panel, rounded up to whole vectors, for all rows in blocks of nearly
/// equal size; kPitch: floats from one row to the next.
template <int kPitch>
void multiply_panel(const PanelProduct& product, std::int64_t rows, std::int64_t columns) {
  constexpr auto kCounts = std::make_index_sequence<kBlockRows>();
  static constexpr auto kOneVector = block_kernels<kPitch, 1>(kCounts);
  static constexpr auto kTwoVectors = block_kernels<kPitch, kBlockVectors>(kCounts);
  const std::int64_t blocks = cpu::ceil_div(rows, kBlockRows);
  for (std::int64_t column = 0; column < columns; column += kBlockVectors * kLanes) {
    const auto& kernels = columns - column > kLanes ? kTwoVectors : kOneVector;
    for (std::int64_t b = 0; b < blocks; ++b) {
      const std::int64_t row = b * rows / blocks;
      const std::int64_t count = (b + 1) * rows / blocks - row;
      PanelProduct block = product;
      block.left += row * kPitch;
      block.weights += column;
      block.out += row * kPanel + column;
      kernels[static_cast<std::size_t>(count - 1)](block);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
