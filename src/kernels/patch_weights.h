#pragma once
#include <cstdint>
#include <span>

#include "kernels/maps.h"
#include "kernels/row_sink.h"
#include "kernels/winner_weights.h"
#include "kernels/winners.h"

namespace wta {

/// What one parameter's rows are summed from: patches of `maps` around the winners.
template <class T>
struct PatchTerms {
  std::span<const T> coefficient;  ///< [winners]
  ConstMapsView<T> maps;           ///< [samples, H, W, C], 0 in the frame
  std::int64_t kernel = 1;         ///< odd; the frame covers a patch around any position
  T scale = 1;
};

/// Winner-sparse weight gradients of the last convolution and of the deconvolution, row by row to a sink.
/// Math: row u of a parameter = scale * sum over winners w of u of
///       coefficient[w] * maps[sample(w), patch of size kernel around position(w), :]
///       encoder: coefficient = gradient, maps = the layer's input; decoder: value, residual, 1 / batch
/// in   units [begin, end)
/// out  sink.take_row once per unit and parameter, rows of kernel * kernel * C values in the order of the
///      patch; a unit without winners hands on a zero row
///      bias_gradient [units] = scale * sum of the encoder's coefficients, entries [begin, end) (assigns)
/// Order: each element is one chain of multiply-adds over the unit's winners, ascending: the bits depend
///        on no tile.
/// Requires: rows.encoder != rows.decoder (convolutions are not tied).
/// Cost: winners x kernel^2 x C multiply-adds per parameter. Single-threaded.
namespace reference {
template <class T>
void patch_weight_gradients(const Winners<T>& winners, const PatchTerms<T>& encoder,
                            const PatchTerms<T>& decoder, std::int64_t begin, std::int64_t end,
                            const WinnerWeightRows& rows, RowSink<T>& sink, std::span<T> bias_gradient);
}  // namespace reference

namespace cpu {
void patch_weight_gradients(const Winners<float>& winners, const PatchTerms<float>& encoder,
                            const PatchTerms<float>& decoder, std::int64_t begin, std::int64_t end,
                            const WinnerWeightRows& rows, RowSink<float>& sink,
                            std::span<float> bias_gradient);
}  // namespace cpu

}  // namespace wta
