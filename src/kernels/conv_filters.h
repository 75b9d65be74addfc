#pragma once
/// The filters of a convolution, prepared for the CPU: which algorithm suits the shape, and its weights in
/// the order in which the product reads them.

#include <cstdint>
#include <vector>

#include "wta/tensor.h"

namespace wta::cpu {

/// A convolution of stride 1 that keeps the size of the maps; `kernel` is odd.
struct ConvShape {
  std::int64_t kernel = 1;
  std::int64_t in = 1;
  std::int64_t out = 1;
  std::int64_t height = 1;
  std::int64_t width = 1;
};

/// Positions a side that one tile of the output has:
/// 1: `patches`, a product with the patch around each position; every kernel.
/// m > 1: Winograd F(m x m, kernel x kernel); kernel 3: 4 and 6, kernel 5: 4, kernel 7: 2.
[[nodiscard]] std::vector<std::int64_t> conv_tiles(std::int64_t kernel);

/// The tile that measured fastest for a shape (bench/conv_kernels_bench.cpp).
[[nodiscard]] std::int64_t best_conv_tile(const ConvShape& shape);

/// Weights in memory: [frequency][panel][inner][kPanel]: a panel is kPanel outputs, zero behind the last.
/// Winograd: frequencies (tile + kernel - 1)^2, inner = in. Patches: one frequency, inner = kernel^2 * in.
class ConvFilters {
 public:
  static constexpr std::int64_t kPanel = 32;

  explicit ConvFilters(const ConvShape& shape) : ConvFilters(shape, best_conv_tile(shape)) {}
  /// Requires: tile is one of conv_tiles(shape.kernel). The weights are zero until they are assigned.
  ConvFilters(const ConvShape& shape, std::int64_t tile);

  [[nodiscard]] const ConvShape& shape() const { return shape_; }
  /// The tile to frame the input maps for: framed(height, width, in, kernel, input_tile()).
  [[nodiscard]] std::int64_t input_tile() const { return tile_; }
  /// Samples of a call that measured well.
  [[nodiscard]] std::int64_t block_samples() const;
  /// Floats of scratch for a call, whatever its number of samples.
  [[nodiscard]] std::int64_t scratch_size() const;

  /// Prepares outputs [begin, end) of w [out, kernel * kernel * in], rows in the order [ky][kx][in].
  /// Calls for disjoint ranges may run at the same time. Same bits whatever the ranges.
  void assign(ConstMatrixView<float> w, std::int64_t begin, std::int64_t end);

  [[nodiscard]] std::int64_t inner() const { return inner_; }
  [[nodiscard]] const float* panel(std::int64_t frequency, std::int64_t panel) const {
    return weights_.data() + offset(frequency, panel);
  }
  [[nodiscard]] float* panel(std::int64_t frequency, std::int64_t panel) {
    return weights_.data() + offset(frequency, panel);
  }

 private:
  [[nodiscard]] std::int64_t offset(std::int64_t frequency, std::int64_t panel) const {
    return frequency * frequency_stride_ + panel * inner_ * kPanel;
  }

  ConvShape shape_;
  std::int64_t tile_;
  std::int64_t inner_;
  std::int64_t frequency_stride_;
  AlignedVector<float> weights_;
};

}  // namespace wta::cpu
