#pragma once
#include <cstdint>
#include <span>

#include "kernels/maps.h"
#include "kernels/winners.h"
#include "wta/tensor.h"

namespace wta {

/// Gradient of the loss at the winners of feature maps: one dot product (atom, residual patch) per winner.
/// Math: gradient[w] = scale * sum over i, j, c of atoms[unit(w), i, j, c] * residual[n, y+i-r, x+j-r, c],
///       n = sample(w), (y, x) = position(w), r = (kernel - 1) / 2
///       (a winner is > 0, so the rectifier passes it on unchanged)
/// in   atoms     [units, kernel * kernel * C]
///      residual  [samples, H, W, C] = reconstruction - input, 0 in the frame (clear_frame); scale = 1 /
///      batch samples [begin, end): whose winners are computed
/// out  gradient  [winners], entries of those samples (assigns)
/// Order: by sample, so that the residual of a sample stays in cache.
/// Cost: winners x kernel^2 x C multiply-adds. Single-threaded: callers cut the samples into tiles.
namespace reference {
template <class T>
void gradient_at_patches(const Winners<T>& winners, ConstMatrixView<T> atoms, std::int64_t kernel,
                         ConstMapsView<T> residual, T scale, std::int64_t begin, std::int64_t end,
                         std::span<T> gradient);
}  // namespace reference

namespace cpu {
void gradient_at_patches(const Winners<float>& winners, ConstMatrixView<float> atoms, std::int64_t kernel,
                         ConstMapsView<float> residual, float scale, std::int64_t begin, std::int64_t end,
                         std::span<float> gradient);
}  // namespace cpu

}  // namespace wta
