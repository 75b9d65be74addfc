#pragma once
#include <cstdint>
#include <span>

#include "kernels/row_sink.h"
#include "kernels/winners.h"
#include "wta/tensor.h"

namespace wta {

/// Where the rows of a winner-sparse weight gradient go: parameter numbers of the sink.
struct WinnerWeightRows {
  std::int64_t encoder = 0;
  std::int64_t decoder = 0;  ///< equal to `encoder` when the weights are tied: one summed row is handed on
};

/// Winner-sparse weight gradients of the last encoder layer and the decoder, row by row to a sink.
/// Math: encoder row u: sum over winners w of u of gradient[w] * input[sample(w), :]
///       decoder row u: scale * sum over winners w of u of value[w] * residual[sample(w), :]
///       tied: the two are summed into one row. Winners in ascending order of samples.
/// in   gradient [winners]; input [samples, D_in]; residual [samples, D_out]; units [begin, end)
/// out  sink.take_row once per unit and parameter; a unit without winners hands on a zero row
///      bias_gradient [units] = sum of gradient[w] over winners of u, entries [begin, end) (assigns)
/// Requires: D_in = D_out when tied. Cost: 2 x winners x D multiply-adds. Single-threaded.
namespace reference {
template <class T>
void winner_weight_gradients(const Winners<T>& winners, std::span<const T> gradient, ConstMatrixView<T> input,
                             ConstMatrixView<T> residual, T scale, std::int64_t begin, std::int64_t end,
                             const WinnerWeightRows& rows, RowSink<T>& sink, std::span<T> bias_gradient);
}  // namespace reference

namespace cpu {
void winner_weight_gradients(const Winners<float>& winners, std::span<const float> gradient,
                             ConstMatrixView<float> input, ConstMatrixView<float> residual, float scale,
                             std::int64_t begin, std::int64_t end, const WinnerWeightRows& rows,
                             RowSink<float>& sink, std::span<float> bias_gradient);
}  // namespace cpu

}  // namespace wta
