#include "kernels/spatial_selection.h"

namespace wta::reference {

template <class T>
void select_spatial(ConstMapsView<T> h, MatrixView<T> value, MatrixView<std::int32_t> position) {
  const std::int64_t width = h.shape.width;
  for (std::int64_t n = 0; n < h.samples; ++n) {
    for (std::int64_t c = 0; c < h.shape.channels; ++c) {
      value(n, c) = 0;
      position(n, c) = 0;
      for (std::int64_t p = 0; p < h.shape.positions(); ++p) {
        const T here = h.at(n, p / width, p % width)[c];
        if (here <= value(n, c)) continue;
        value(n, c) = here;
        position(n, c) = static_cast<std::int32_t>(p);
      }
    }
  }
}

template void select_spatial(ConstMapsView<float>, MatrixView<float>, MatrixView<std::int32_t>);
template void select_spatial(ConstMapsView<double>, MatrixView<double>, MatrixView<std::int32_t>);

}  // namespace wta::reference
