#pragma once
/// One linear layer, with its rectifier or without, in the two orders that the callers need.

#include <cstdint>
#include <span>

#include "wta/tensor.h"

namespace wta {

/// Units of a tile that measured well: enough to share out, and whole panels for every instruction set.
inline constexpr std::int64_t kUnitTile = 192;
/// Samples of a tile of linear_relu_by_sample: the weights are regrouped once per call.
inline constexpr std::int64_t kSampleTile = 256;

/// Activations of some units for a batch, unit by unit (what the competition reads).
/// Math: h[u,n] = max(0, sum_d w[u,d] x[n,d] + bias[u])
/// in   w     [units, D]   rows of the encoder
///      bias  [units]
///      x     [samples, D]
/// out  h     [units, samples] (assigns), >= 0
/// Cost: one product, single-threaded: callers cut the units into fixed tiles.
/// Same bits for a (unit, sample) pair whatever the tile, and in both orders. NaN becomes NaN or 0: callers
/// check data.
/// linear_by_unit, linear_by_sample: the same without the rectifier, h[u,n] = sum_d w[u,d] x[n,d] + bias[u].
namespace reference {
template <class T>
void linear_relu_by_unit(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x,
                         MatrixView<T> h);
/// The same numbers sample by sample: h [samples, units]. For lower layers and for codes.
template <class T>
void linear_relu_by_sample(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x,
                           MatrixView<T> h);
template <class T>
void linear_by_unit(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x, MatrixView<T> h);
template <class T>
void linear_by_sample(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x, MatrixView<T> h);
}  // namespace reference

namespace cpu {
void linear_relu_by_unit(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                         MatrixView<float> h);
void linear_relu_by_sample(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                           MatrixView<float> h);
void linear_by_unit(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                    MatrixView<float> h);
void linear_by_sample(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                      MatrixView<float> h);
}  // namespace cpu

}  // namespace wta
