#pragma once
#include <cstdint>

#include "kernels/maps.h"
#include "wta/tensor.h"

namespace wta {

/// Windows of this stride that start inside an extent: ceil(extent / stride).
[[nodiscard]] inline std::int64_t pooled_extent(std::int64_t extent, std::int64_t stride) {
  return (extent + stride - 1) / stride;
}

/// Test-time pooling: the largest value of each window, whose code is what classifiers see.
/// Math: out[n, py, px, c] = max of maps[n, y, x, c] over y in [py*stride, py*stride + window), x alike,
///       windows clipped at the bottom and right edge of the maps
/// in   maps  [samples, H, W, C], finite; window >= 1, stride >= 1
/// out  out   [samples, pooled_extent(H) * pooled_extent(W) * C], in the order [py][px][c] (assigns)
/// Cost: window^2 / stride^2 reads of the maps. Single-threaded: callers cut the samples into tiles.
namespace reference {
template <class T>
void max_pool(ConstMapsView<T> maps, std::int64_t window, std::int64_t stride, MatrixView<T> out);
}  // namespace reference

namespace cpu {
void max_pool(ConstMapsView<float> maps, std::int64_t window, std::int64_t stride, MatrixView<float> out);
}  // namespace cpu

}  // namespace wta
