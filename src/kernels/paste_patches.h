#pragma once
#include <cstdint>
#include <span>

#include "kernels/maps.h"
#include "kernels/winners.h"
#include "wta/tensor.h"

namespace wta {

/// Winner-sparse deconvolution, and its mirror image, the gradient that winners send to the layer below:
/// a scaled patch is added around each winner, unflipped and centred.
/// Math: out[n, y+i-r, x+j-r, c] += coefficient[w] * rows[unit(w), i, j, c] for every winner w of sample n,
///       at (y, x) = position(w), with r = (kernel - 1) / 2 and i, j in [0, kernel).
/// in   winners      by sample, with positions; samples [begin, end) are those that are written
///      coefficient  [winners]  the winners' values (decoder) or gradients (backward)
///      rows         [units, kernel * kernel * C] atoms of the decoder, or filters of the encoder
/// out  out          [samples, H, W, C], the maps and their frame (adds)
/// Order: each element of out is one chain of multiply-adds over the winners of its sample, units ascending.
/// Requires: kernel odd; the frame of out covers a patch around any position.
/// Cost: winners x kernel^2 x C multiply-adds. Single-threaded: callers cut the samples into tiles.
/// Source: Makhzani & Frey 2015, section 3; departs: none.
namespace reference {
template <class T>
void paste_patches(const Winners<T>& winners, std::span<const T> coefficient, ConstMatrixView<T> rows,
                   std::int64_t kernel, std::int64_t begin, std::int64_t end, MapsView<T> out);
}  // namespace reference

namespace cpu {
void paste_patches(const Winners<float>& winners, std::span<const float> coefficient,
                   ConstMatrixView<float> rows, std::int64_t kernel, std::int64_t begin, std::int64_t end,
                   MapsView<float> out);
}  // namespace cpu

/// Sets the frame of every sample back to 0, after patches were added that reach into it.
template <class T>
void clear_frame(MapsView<T> maps);

}  // namespace wta
