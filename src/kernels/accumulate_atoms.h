#pragma once
#include <cstdint>
#include <span>

#include "kernels/winners.h"
#include "wta/tensor.h"

namespace wta {

/// Columns of a tile that measured well: four tiles of a 784-pixel image.
inline constexpr std::int64_t kColumnTile = 208;

/// Winner-sparse decoder forward, and its mirror image, the gradient that winners send to the layer below.
/// Math: out[n,d] += sum over winners w of sample n of coefficient[w] * rows[unit(w), d], for d in
///       [begin, end), in the order of ascending units (fixed, so the bits do not depend on tiles).
/// in   winners      by unit and by sample
///      coefficient  [winners]  the winners' values (decoder) or gradients (backward)
///      rows         [units, D] atoms of the decoder, or filters of the encoder
/// out  out          [samples, D], columns [begin, end) (adds)
/// Cost: winners x (end - begin) multiply-adds. Single-threaded: callers cut D into fixed column tiles.
namespace reference {
template <class T>
void accumulate_atoms(const Winners<T>& winners, std::span<const T> coefficient, ConstMatrixView<T> rows,
                      std::int64_t begin, std::int64_t end, MatrixView<T> out);
}  // namespace reference

namespace cpu {
void accumulate_atoms(const Winners<float>& winners, std::span<const float> coefficient,
                      ConstMatrixView<float> rows, std::int64_t begin, std::int64_t end,
                      MatrixView<float> out);
}  // namespace cpu

}  // namespace wta
