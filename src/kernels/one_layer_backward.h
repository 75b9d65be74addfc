#pragma once
#include <cstdint>
#include <span>

#include "kernels/winner_weights.h"

namespace wta {

/// What the backward of a single encoder layer reads.
template <class T>
struct OneLayerTerms {
  ConstMatrixView<T> atoms;     ///< [units, D]
  ConstMatrixView<T> input;     ///< [samples, D_in]
  ConstMatrixView<T> residual;  ///< [samples, D]
  T gradient_scale = 1;         ///< of the gradient at the winners
  T weight_scale = 1;           ///< of the decoder's rows
};

/// Backward of a network with one encoder layer: gradient_at_winners, then winner_weight_gradients. Untied
/// rows are made in one pass over the residual that finds the gradients too; the bits are those of the two
/// kernels. A unit's gradients are found before its rows are handed on, so that the sink may change its atom.
/// in   units [begin, end)
/// out  gradient [winners], bias_gradient [units], entries of those units (assigns); sink as there
/// Cost: 3 x winners x D multiply-adds. Single-threaded.
namespace reference {
template <class T>
void one_layer_backward(const Winners<T>& winners, const OneLayerTerms<T>& terms, std::int64_t begin,
                        std::int64_t end, std::span<T> gradient, const WinnerWeightRows& rows,
                        RowSink<T>& sink, std::span<T> bias_gradient);
}  // namespace reference

namespace cpu {
void one_layer_backward(const Winners<float>& winners, const OneLayerTerms<float>& terms, std::int64_t begin,
                        std::int64_t end, std::span<float> gradient, const WinnerWeightRows& rows,
                        RowSink<float>& sink, std::span<float> bias_gradient);
}  // namespace cpu

}  // namespace wta
