#include <algorithm>

#include "kernels/linear_relu.h"

namespace wta::reference {
namespace {

template <class T>
T linear(std::span<const T> w, T bias, std::span<const T> x) {
  T sum = 0;
  for (std::size_t d = 0; d < w.size(); ++d) sum += w[d] * x[d];
  return sum + bias;
}

template <class T>
T activation(std::span<const T> w, T bias, std::span<const T> x) {
  return std::max(T{0}, linear(w, bias, x));
}

}  // namespace

template <class T>
void linear_relu_by_unit(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x,
                         MatrixView<T> h) {
  for (std::int64_t u = 0; u < w.rows; ++u) {
    for (std::int64_t n = 0; n < x.rows; ++n) h(u, n) = activation(w.row_span(u), bias[u], x.row_span(n));
  }
}

template <class T>
void linear_relu_by_sample(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x,
                           MatrixView<T> h) {
  for (std::int64_t n = 0; n < x.rows; ++n) {
    for (std::int64_t u = 0; u < w.rows; ++u) h(n, u) = activation(w.row_span(u), bias[u], x.row_span(n));
  }
}

template <class T>
void linear_by_sample(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x, MatrixView<T> h) {
  for (std::int64_t n = 0; n < x.rows; ++n) {
    for (std::int64_t u = 0; u < w.rows; ++u) h(n, u) = linear(w.row_span(u), bias[u], x.row_span(n));
  }
}

template void linear_relu_by_unit(ConstMatrixView<float>, std::span<const float>, ConstMatrixView<float>,
                                  MatrixView<float>);
template void linear_relu_by_unit(ConstMatrixView<double>, std::span<const double>, ConstMatrixView<double>,
                                  MatrixView<double>);
template void linear_relu_by_sample(ConstMatrixView<float>, std::span<const float>, ConstMatrixView<float>,
                                    MatrixView<float>);
template void linear_relu_by_sample(ConstMatrixView<double>, std::span<const double>, ConstMatrixView<double>,
                                    MatrixView<double>);
template void linear_by_sample(ConstMatrixView<float>, std::span<const float>, ConstMatrixView<float>,
                               MatrixView<float>);
template void linear_by_sample(ConstMatrixView<double>, std::span<const double>, ConstMatrixView<double>,
                               MatrixView<double>);

}  // namespace wta::reference
