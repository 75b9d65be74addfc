#pragma once
#include <span>

#include "wta/tensor.h"

namespace wta {

/// Free energy of visible vectors under a binary RBM: P(v) is proportional to exp(-F(v)).
/// Math: F(v) = -sum_d visible_bias[d] v[d] - sum_u softplus(sum_d w[u,d] v[d] + hidden_bias[u]),
///       softplus(a) = log(1 + exp(a))
/// in   w             [units, D]
///      hidden_bias   [units]
///      visible_bias  [D]
///      v             [samples, D], finite
/// out  energy        [samples] (assigns)
/// Cost: one product. Single-threaded: callers cut the samples. A sample's bits depend on no other sample.
namespace reference {
template <class T>
void free_energy(ConstMatrixView<T> w, std::span<const T> hidden_bias, std::span<const T> visible_bias,
                 ConstMatrixView<T> v, std::span<double> energy);
}  // namespace reference

namespace cpu {
void free_energy(ConstMatrixView<float> w, std::span<const float> hidden_bias,
                 std::span<const float> visible_bias, ConstMatrixView<float> v, std::span<double> energy);
}  // namespace cpu

}  // namespace wta
