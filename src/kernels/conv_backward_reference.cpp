#include <algorithm>

#include "kernels/conv_backward.h"

namespace wta::reference {

template <class T>
void conv_grad_input(const ListedMaps<T>& grad, ConstMatrixView<T> w, std::int64_t kernel,
                     MapsView<T> grad_x) {
  const std::int64_t columns = kernel * grad_x.shape.channels;
  for (std::int64_t n = 0; n < grad.maps.samples; ++n) {
    for (const std::int32_t p : grad.positions.of_sample(n)) {
      const T* gradient = grad.maps.patch(n, p, 1);
      T* patch = grad_x.patch(n, p, kernel);
      for (std::int64_t o = 0; o < w.rows; ++o) {
        for (std::int64_t i = 0; i < kernel; ++i) {
          for (std::int64_t d = 0; d < columns; ++d) {
            patch[i * grad_x.shape.row_stride() + d] += gradient[o] * w(o, i * columns + d);
          }
        }
      }
    }
  }
}

template <class T>
void conv_grad_weight(const ListedMaps<T>& grad, ConstMapsView<T> x, std::int64_t kernel, std::int64_t begin,
                      std::int64_t end, MatrixView<T> grad_w, std::span<T> grad_bias) {
  const std::int64_t columns = kernel * x.shape.channels;
  for (std::int64_t o = begin; o < end; ++o) {
    T* row = grad_w.row(o - begin);
    std::fill_n(row, grad_w.cols, T{0});
    grad_bias[o] = 0;
    for (std::int64_t n = 0; n < grad.maps.samples; ++n) {
      for (const std::int32_t p : grad.positions.of_sample(n)) {
        const T gradient = grad.maps.patch(n, p, 1)[o];
        const T* patch = x.patch(n, p, kernel);
        grad_bias[o] += gradient;
        for (std::int64_t i = 0; i < kernel; ++i) {
          for (std::int64_t d = 0; d < columns; ++d) {
            row[i * columns + d] += gradient * patch[i * x.shape.row_stride() + d];
          }
        }
      }
    }
  }
}

template void conv_grad_input(const ListedMaps<float>&, ConstMatrixView<float>, std::int64_t,
                              MapsView<float>);
template void conv_grad_input(const ListedMaps<double>&, ConstMatrixView<double>, std::int64_t,
                              MapsView<double>);
template void conv_grad_weight(const ListedMaps<float>&, ConstMapsView<float>, std::int64_t, std::int64_t,
                               std::int64_t, MatrixView<float>, std::span<float>);
template void conv_grad_weight(const ListedMaps<double>&, ConstMapsView<double>, std::int64_t, std::int64_t,
                               std::int64_t, MatrixView<double>, std::span<double>);

}  // namespace wta::reference
