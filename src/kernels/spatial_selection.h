#pragma once
#include <cstdint>

#include "kernels/maps.h"
#include "wta/tensor.h"

namespace wta {

/// Spatial sparsity: finds the largest activation of each feature map of each sample.
/// Math: position[n,c] = argmax over p of h[n,p,c]; value[n,c] = h there
/// in   h         [samples, H, W, maps], finite
/// out  value     [samples, maps]  > 0, or 0 where a map has no value > 0: no winner (assigns)
///      position  [samples, maps]  row-major in [0, H*W); 0 where there is no winner (assigns)
/// Ties: lowest position. Backward: gradient at winners, 0 elsewhere (patch_gradient.h).
/// Cost: one read of h. Single-threaded: callers cut the samples into tiles.
/// Source: Makhzani & Frey 2015, section 3; departs: a value <= 0 never wins.
namespace reference {
template <class T>
void select_spatial(ConstMapsView<T> h, MatrixView<T> value, MatrixView<std::int32_t> position);
}  // namespace reference

namespace cpu {
void select_spatial(ConstMapsView<float> h, MatrixView<float> value, MatrixView<std::int32_t> position);
}  // namespace cpu

}  // namespace wta
