#pragma once
#include <cstdint>
#include <span>

#include "kernels/conv_filters.h"
#include "kernels/maps.h"
#include "wta/tensor.h"

namespace wta::cpu {

/// The weight gradient of a convolution over every position, as the adjoint of Winograd's F(m x m, k x k):
/// for gradients that are 0 at few positions; conv_grad_weight is for those that are 0 at many. Math:
/// grad_w[o,:,:,c] = G^T (sum over tiles of (A g A^T)[o] * (B^T x B)[c]) G,  g, x: the tile's outputs and
///       inputs; the same sums as conv_grad_weight with every position listed, which is the reference
/// in   grad  [samples, H, W, out], its frame covers whole tiles and is 0: framed(H, W, out, 1, tile) or
/// larger
///      x     [samples, H, W, in] framed for the kernel and the tile
/// add: sums of outputs [begin, end) over some samples in the frequencies' form (adds)
/// finish: grad_w [end - begin, kernel * kernel * in] rows of some outputs, grad_bias of the same (assigns),
///      from the sums of several calls' samples, which it adds in their order
/// Order: in a call by tiles, ascending. The bits depend on which samples share sums and on the instruction
///      set, on no tile of outputs.
/// Cost: tiles x out x in x (m + k - 1)^2 multiply-adds, and two transforms. Single-threaded.
/// Source: Lavin & Gray 2016 for the forward transforms; the adjoint is transposition.
class WinogradGradient {
 public:
  /// Tiles in flight, each sum that is fetched takes the products of all of them: 56 measured better than 28
  /// and 112 (bench/patch_kernels_bench.cpp).
  static constexpr std::int64_t kTiles = 56;

  /// Requires: tile > 1, one of conv_tiles(shape.kernel).
  WinogradGradient(const ConvShape& shape, std::int64_t tile);

  /// Floats of the sums for some outputs, and of scratch, both aligned to 64 bytes.
  [[nodiscard]] std::int64_t sums_size(std::int64_t outputs) const;
  [[nodiscard]] std::int64_t scratch_size(std::int64_t outputs) const;

  void add(ConstMapsView<float> grad, ConstMapsView<float> x, std::int64_t begin, std::int64_t end,
           float* sums, float* scratch) const;

  /// sums: one row for each call, [calls, sums_size(outputs)] of `outputs` outputs, of which [begin, end) are
  /// finished, counted from the first of them.
  void finish(ConstMatrixView<float> sums, std::int64_t outputs, std::int64_t begin, std::int64_t end,
              MatrixView<float> grad_w, std::span<float> grad_bias) const;

  [[nodiscard]] const ConvShape& shape() const { return shape_; }
  [[nodiscard]] std::int64_t tile() const { return tile_; }
  [[nodiscard]] std::int64_t side() const { return tile_ + shape_.kernel - 1; }
  /// Products of a tile for each input and output.
  [[nodiscard]] std::int64_t frequencies() const { return side() * side(); }

 private:
  ConvShape shape_;
  std::int64_t tile_;
};

}  // namespace wta::cpu
