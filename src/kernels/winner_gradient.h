#pragma once
#include <cstdint>
#include <span>

#include "kernels/winners.h"
#include "wta/tensor.h"

namespace wta {

/// Gradient of the loss at the winners: one dot product (atom, residual) per winner.
/// Math: gradient[w] = scale * sum_d atoms[unit(w), d] * residual[sample(w), d]
///       (a winner of a rectified layer is > 0, so it is passed on unchanged, as by a linear layer)
/// in   atoms     [units, D]; residual [samples, D] = reconstruction - input; scale = 1 / batch
///      units [begin, end): the winners that are computed
/// out  gradient  [winners], entries of those units (assigns)
/// Cost: winners x D multiply-adds. Single-threaded: callers cut the units into tiles.
namespace reference {
template <class T>
void gradient_at_winners(const Winners<T>& winners, ConstMatrixView<T> atoms, ConstMatrixView<T> residual,
                         T scale, std::int64_t begin, std::int64_t end, std::span<T> gradient);
}  // namespace reference

namespace cpu {
void gradient_at_winners(const Winners<float>& winners, ConstMatrixView<float> atoms,
                         ConstMatrixView<float> residual, float scale, std::int64_t begin, std::int64_t end,
                         std::span<float> gradient);
}  // namespace cpu

}  // namespace wta
