#pragma once
/// One convolutional layer and its rectifier, stride 1, zero padding that keeps the size of the maps.

#include <cstdint>
#include <span>

#include "kernels/conv_filters.h"
#include "kernels/maps.h"
#include "wta/tensor.h"

namespace wta {

/// Feature maps of some samples (a cross-correlation).
/// Math: h[n,y,x,o] = max(0, bias[o] + sum_{i,j,c} w[o,i,j,c] x[n,y+i-r,x+j-r,c]),  r = (kernel - 1) / 2
/// in   w     [out, kernel * kernel * in]   rows in the order [ky][kx][in]
///      bias  [out]
///      x     [samples, H, W, in], framed with zeros for the kernel (and for the tile of the filters)
/// out  h     [samples, H, W, out] (assigns), >= 0; its frame is left as it is
/// conv_linear: the same without bias and rectifier.
///
/// conv_relu_max, spatial sparsity: the largest h of each map, and its row-major position.
/// Math: position[n,o] = argmax_p h[n,p,o], value[n,o] = h[n,position,o]
/// out  value, position  [samples, out] (assigns); position in [0, H*W)
/// Ties: lowest position. A map with no value > 0 has value 0 and position 0.
///
/// Same bits for a sample whatever the samples beside it; conv_relu_max finds the values of conv_relu.
/// Cost: one dense product, or its Winograd form; the maps of conv_relu_max are never stored. Callers spread
/// fixed blocks of samples over threads. NaN becomes NaN or 0: callers check data.
/// Source: Makhzani & Frey 2015, section 3; Lavin & Gray 2016 for F(m x m, k x k); departs: none.
namespace reference {
template <class T>
void conv_relu(std::int64_t kernel, ConstMatrixView<T> w, std::span<const T> bias, ConstMapsView<T> x,
               MapsView<T> h);
template <class T>
void conv_linear(std::int64_t kernel, ConstMatrixView<T> w, ConstMapsView<T> x, MapsView<T> h);
template <class T>
void conv_relu_max(std::int64_t kernel, ConstMatrixView<T> w, std::span<const T> bias, ConstMapsView<T> x,
                   MatrixView<T> value, MatrixView<std::int32_t> position);
}  // namespace reference

namespace cpu {
/// scratch: filters.scratch_size() floats, aligned to 64 bytes.
void conv_relu(const ConvFilters& filters, std::span<const float> bias, ConstMapsView<float> x,
               MapsView<float> h, float* scratch);
void conv_linear(const ConvFilters& filters, ConstMapsView<float> x, MapsView<float> h, float* scratch);
void conv_relu_max(const ConvFilters& filters, std::span<const float> bias, ConstMapsView<float> x,
                   MatrixView<float> value, MatrixView<std::int32_t> position, float* scratch);
}  // namespace cpu

}  // namespace wta
