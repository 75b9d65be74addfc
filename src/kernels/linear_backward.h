#pragma once
#include <cstdint>
#include <span>

#include "wta/tensor.h"

namespace wta {

/// Dense backward of one linear + ReLU layer, for the layers below the competing one.
/// in   grad_h [samples, units] gradient at the layer's output h, already zero where h = 0
///      x      [samples, D] the layer's input; w [units, D]
/// out  linear_grad_weight: grad_w [end - begin, D] rows of units [begin, end) (assigns)
///        Math: grad_w[u,d] = sum_n grad_h[n,u] x[n,d], samples ascending
///      linear_grad_input:  grad_x [samples, D] (assigns), Math: grad_x[n,d] = sum_u grad_h[n,u] w[u,d]
/// Single-threaded: callers cut the units (weights) or the samples (input) into fixed tiles.
namespace reference {
template <class T>
void linear_grad_weight(ConstMatrixView<T> grad_h, ConstMatrixView<T> x, std::int64_t begin, std::int64_t end,
                        MatrixView<T> grad_w);
template <class T>
void linear_grad_input(ConstMatrixView<T> grad_h, ConstMatrixView<T> w, MatrixView<T> grad_x);
}  // namespace reference

namespace cpu {
void linear_grad_weight(ConstMatrixView<float> grad_h, ConstMatrixView<float> x, std::int64_t begin,
                        std::int64_t end, MatrixView<float> grad_w);
void linear_grad_input(ConstMatrixView<float> grad_h, ConstMatrixView<float> w, MatrixView<float> grad_x);
}  // namespace cpu

}  // namespace wta
