#include <algorithm>

#include "kernels/conv_relu.h"

namespace wta::reference {
namespace {

/// sum_{i,j,c} w[i,j,c] x[n,y+i-r,x+j-r,c] for one output.
template <class T>
T correlation(std::int64_t kernel, const T* w, ConstMapsView<T> x, std::int64_t n, std::int64_t position) {
  const T* patch = x.patch(n, position, kernel);
  const std::int64_t row = kernel * x.shape.channels;
  T sum = 0;
  for (std::int64_t i = 0; i < kernel; ++i) {
    for (std::int64_t j = 0; j < row; ++j) sum += w[i * row + j] * patch[i * x.shape.row_stride() + j];
  }
  return sum;
}

/// Calls output(sum, n, position, o) for every output.
template <class T, class Output>
void convolve(std::int64_t kernel, ConstMatrixView<T> w, ConstMapsView<T> x, Output output) {
  for (std::int64_t n = 0; n < x.samples; ++n) {
    for (std::int64_t p = 0; p < x.shape.positions(); ++p) {
      for (std::int64_t o = 0; o < w.rows; ++o) output(correlation(kernel, w.row(o), x, n, p), n, p, o);
    }
  }
}

}  // namespace

template <class T>
void conv_relu(std::int64_t kernel, ConstMatrixView<T> w, std::span<const T> bias, ConstMapsView<T> x,
               MapsView<T> h) {
  convolve(kernel, w, x, [&](T sum, std::int64_t n, std::int64_t p, std::int64_t o) {
    h.patch(n, p, 1)[o] = std::max(T{0}, sum + bias[o]);
  });
}

template <class T>
void conv_linear(std::int64_t kernel, ConstMatrixView<T> w, ConstMapsView<T> x, MapsView<T> h) {
  convolve(kernel, w, x,
           [&](T sum, std::int64_t n, std::int64_t p, std::int64_t o) { h.patch(n, p, 1)[o] = sum; });
}

template <class T>
void conv_relu_max(std::int64_t kernel, ConstMatrixView<T> w, std::span<const T> bias, ConstMapsView<T> x,
                   MatrixView<T> value, MatrixView<std::int32_t> position) {
  for (std::int64_t n = 0; n < x.samples; ++n) {
    std::ranges::fill(value.row_span(n), T{0});
    std::ranges::fill(position.row_span(n), 0);
  }
  convolve(kernel, w, x, [&](T sum, std::int64_t n, std::int64_t p, std::int64_t o) {
    if (sum + bias[o] <= value(n, o)) return;
    value(n, o) = sum + bias[o];
    position(n, o) = static_cast<std::int32_t>(p);
  });
}

template void conv_relu(std::int64_t, ConstMatrixView<float>, std::span<const float>, ConstMapsView<float>,
                        MapsView<float>);
template void conv_relu(std::int64_t, ConstMatrixView<double>, std::span<const double>, ConstMapsView<double>,
                        MapsView<double>);
template void conv_linear(std::int64_t, ConstMatrixView<float>, ConstMapsView<float>, MapsView<float>);
template void conv_linear(std::int64_t, ConstMatrixView<double>, ConstMapsView<double>, MapsView<double>);
template void conv_relu_max(std::int64_t, ConstMatrixView<float>, std::span<const float>,
                            ConstMapsView<float>, MatrixView<float>, MatrixView<std::int32_t>);
template void conv_relu_max(std::int64_t, ConstMatrixView<double>, std::span<const double>,
                            ConstMapsView<double>, MatrixView<double>, MatrixView<std::int32_t>);

}  // namespace wta::reference
