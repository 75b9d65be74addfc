#pragma once
#include <cstdint>
#include <span>

#include "kernels/maps.h"
#include "kernels/touched_positions.h"
#include "wta/tensor.h"

namespace wta {

/// The gradient at a convolution's output, of which only the listed positions are read.
template <class T>
struct ListedMaps {
  ConstMapsView<T> maps;  ///< [samples, H, W, out]
  PositionLists positions;

  [[nodiscard]] ListedMaps sample_range(std::int64_t begin, std::int64_t end) const {
    return {maps.sample_range(begin, end), positions.sample_range(begin, end)};
  }
};

/// Backward of a convolution over listed positions. With every position listed it is the dense
/// deconvolution: conv_grad_input with grad = activations and w = atoms pastes a patch at every position,
/// and conv_grad_weight with x = residual is the gradient of the atoms.
/// in   grad  [samples, H, W, out], already zero where the rectifier was closed
///      w     [out, kernel * kernel * in]; x [samples, H, W, in] the layer's input, 0 in the frame
/// out  conv_grad_input: grad_x [samples, H, W, in], the maps and their frame (adds)
///        Math: grad_x[n, y+i-r, x+j-r, c] += sum over o of grad[n,y,x,o] * w[o,i,j,c], (y, x) listed
///      conv_grad_weight: grad_w [end - begin, kernel * kernel * in] rows of outputs [begin, end) (assigns)
///        Math: grad_w[o,i,j,c] = sum over n and listed (y, x) of grad[n,y,x,o] * x[n, y+i-r, x+j-r, c]
///        grad_bias [out] = sum over n and listed (y, x) of grad[n,y,x,o], entries [begin, end) (assigns)
/// Order: grad_w is summed by samples in ascending order, and inside a sample by chunks of kPositionChunk
///        of its list. The bits depend on the lists and the instruction set, on no tile.
/// Requires: kernel odd; the frames of x and grad_x cover a patch around any position.
/// Cost: positions x out x kernel^2 x in multiply-adds. Single-threaded: callers cut the samples
/// (grad_input) or the outputs (grad_weight, in multiples of 8) into fixed tiles.
inline constexpr std::int64_t kPositionChunk = 256;

namespace reference {
template <class T>
void conv_grad_input(const ListedMaps<T>& grad, ConstMatrixView<T> w, std::int64_t kernel,
                     MapsView<T> grad_x);
template <class T>
void conv_grad_weight(const ListedMaps<T>& grad, ConstMapsView<T> x, std::int64_t kernel, std::int64_t begin,
                      std::int64_t end, MatrixView<T> grad_w, std::span<T> grad_bias);
}  // namespace reference

namespace cpu {
void conv_grad_input(const ListedMaps<float>& grad, ConstMatrixView<float> w, std::int64_t kernel,
                     MapsView<float> grad_x);
void conv_grad_weight(const ListedMaps<float>& grad, ConstMapsView<float> x, std::int64_t kernel,
                      std::int64_t begin, std::int64_t end, MatrixView<float> grad_w,
                      std::span<float> grad_bias);
}  // namespace cpu

}  // namespace wta
