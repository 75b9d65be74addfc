#include <algorithm>

#include "kernels/max_pool.h"

namespace wta::reference {

template <class T>
void max_pool(ConstMapsView<T> maps, std::int64_t window, std::int64_t stride, MatrixView<T> out) {
  const MapShape& shape = maps.shape;
  for (std::int64_t n = 0; n < maps.samples; ++n) {
    T* pooled = out.row(n);
    for (std::int64_t y = 0; y < shape.height; y += stride) {
      for (std::int64_t x = 0; x < shape.width; x += stride) {
        for (std::int64_t c = 0; c < shape.channels; ++c) {
          T largest = maps.at(n, y, x)[c];
          for (std::int64_t i = y; i < std::min(y + window, shape.height); ++i) {
            for (std::int64_t j = x; j < std::min(x + window, shape.width); ++j) {
              largest = std::max(largest, maps.at(n, i, j)[c]);
            }
          }
          *pooled++ = largest;
        }
      }
    }
  }
}

template void max_pool(ConstMapsView<float>, std::int64_t, std::int64_t, MatrixView<float>);
template void max_pool(ConstMapsView<double>, std::int64_t, std::int64_t, MatrixView<double>);

}  // namespace wta::reference
