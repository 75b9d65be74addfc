#pragma once
#include <cstdint>
#include <span>

#include "wta/tensor.h"

namespace wta {

/// Lifetime sparsity: keeps the k largest activations of each unit across the mini-batch.
/// Math: z[u,n] = h[u,n] if h[u,n] > 0 and fewer than k samples m beat it, else 0, where m beats n if
///       h[u,m] > h[u,n], or h[u,m] = h[u,n] and m < n.
/// in   h       [units, samples], >= 0, finite; k in [1, samples]
/// out  sample  [units, k]  winners of unit u are the first count[u] entries of row u, samples ascending
///      value   [units, k]
///      count   [units]     <= k: a value of 0 never wins
/// Ties: lower sample index. Backward: gradient at winners, 0 elsewhere.
/// Cost: about two reads of h. Single-threaded: callers cut the units into tiles.
/// Source: Makhzani & Frey 2015, section 2; departs: a value <= 0 never wins.
namespace reference {
template <class T>
void select_lifetime(ConstMatrixView<T> h, std::int64_t k, MatrixView<std::int32_t> sample,
                     MatrixView<T> value, std::span<std::int64_t> count);
}  // namespace reference

namespace cpu {
void select_lifetime(ConstMatrixView<float> h, std::int64_t k, MatrixView<std::int32_t> sample,
                     MatrixView<float> value, std::span<std::int64_t> count);
}  // namespace cpu

}  // namespace wta
