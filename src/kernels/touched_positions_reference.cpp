#include "kernels/touched_positions.h"

namespace wta::reference {

template <class T>
void mask_touched(ConstMapsView<T> h, MapsView<T> grad, MatrixView<std::int32_t> position,
                  std::span<std::int64_t> count) {
  const std::int64_t width = grad.shape.width;
  for (std::int64_t n = 0; n < grad.samples; ++n) {
    count[n] = 0;
    for (std::int64_t p = 0; p < grad.shape.positions(); ++p) {
      const T* activation = h.at(n, p / width, p % width);
      T* gradient = grad.at(n, p / width, p % width);
      bool touched = false;
      for (std::int64_t c = 0; c < grad.shape.channels; ++c) {
        if (activation[c] <= 0) gradient[c] = 0;
        touched = touched || gradient[c] != 0;
      }
      if (touched) position(n, count[n]++) = static_cast<std::int32_t>(p);
    }
  }
}

template void mask_touched(ConstMapsView<float>, MapsView<float>, MatrixView<std::int32_t>,
                           std::span<std::int64_t>);
template void mask_touched(ConstMapsView<double>, MapsView<double>, MatrixView<std::int32_t>,
                           std::span<std::int64_t>);

}  // namespace wta::reference
