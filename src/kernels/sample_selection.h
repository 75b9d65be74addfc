#pragma once
#include <cstdint>

#include "wta/tensor.h"

namespace wta {

/// k-sparse selection: keeps the k largest activations of each sample across the hidden units.
/// Math: z[n,u] = h[n,u] if fewer than k units v beat it, else 0, where v beats u if h[n,v] > h[n,u], or
///       h[n,v] = h[n,u] and v < u.
/// in   h      [samples, units], finite, of any sign; k in [1, units]
/// out  unit   [samples, k]  winners of a sample, units ascending (assigns)
///      value  [samples, k]
/// Ties: lower unit. Values <= 0 win too, where they are among the k largest. Backward: gradient at winners,
/// 0 elsewhere. Cost: about three reads of h. Single-threaded: callers cut the samples into tiles. Source:
/// Makhzani & Frey 2013, "k-Sparse Autoencoders", section 2; departs: none.
namespace reference {
template <class T>
void select_by_sample(ConstMatrixView<T> h, std::int64_t k, MatrixView<std::int32_t> unit,
                      MatrixView<T> value);
}  // namespace reference

namespace cpu {
void select_by_sample(ConstMatrixView<float> h, std::int64_t k, MatrixView<std::int32_t> unit,
                      MatrixView<float> value);
}  // namespace cpu

}  // namespace wta
