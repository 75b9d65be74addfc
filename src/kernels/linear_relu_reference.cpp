#include <algorithm>

#include "kernels/linear_relu.h"

namespace wta::reference {
namespace {

template <class T>
T weighted_sum(std::span<const T> w, T bias, std::span<const T> x) {
  T sum = 0;
  for (std::size_t d = 0; d < w.size(); ++d) sum += w[d] * x[d];
  return sum + bias;
}

template <class T>
void rectify(MatrixView<T> h) {
  for (std::int64_t r = 0; r < h.rows; ++r) {
    for (T& value : h.row_span(r)) value = std::max(T{0}, value);
  }
}

}  // namespace

template <class T>
void linear_by_unit(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x, MatrixView<T> h) {
  for (std::int64_t u = 0; u < w.rows; ++u) {
    for (std::int64_t n = 0; n < x.rows; ++n) h(u, n) = weighted_sum(w.row_span(u), bias[u], x.row_span(n));
  }
}

template <class T>
void linear_by_sample(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x, MatrixView<T> h) {
  for (std::int64_t n = 0; n < x.rows; ++n) {
    for (std::int64_t u = 0; u < w.rows; ++u) h(n, u) = weighted_sum(w.row_span(u), bias[u], x.row_span(n));
  }
}

template <class T>
void linear_relu_by_unit(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x,
                         MatrixView<T> h) {
  linear_by_unit(w, bias, x, h);
  rectify(h);
}

template <class T>
void linear_relu_by_sample(ConstMatrixView<T> w, std::span<const T> bias, ConstMatrixView<T> x,
                           MatrixView<T> h) {
  linear_by_sample(w, bias, x, h);
  rectify(h);
}

using Bias = std::span<const float>;
using WideBias = std::span<const double>;
template void linear_by_unit(ConstMatrixView<float>, Bias, ConstMatrixView<float>, MatrixView<float>);
template void linear_by_unit(ConstMatrixView<double>, WideBias, ConstMatrixView<double>, MatrixView<double>);
template void linear_by_sample(ConstMatrixView<float>, Bias, ConstMatrixView<float>, MatrixView<float>);
template void linear_by_sample(ConstMatrixView<double>, WideBias, ConstMatrixView<double>,
                               MatrixView<double>);
template void linear_relu_by_unit(ConstMatrixView<float>, Bias, ConstMatrixView<float>, MatrixView<float>);
template void linear_relu_by_unit(ConstMatrixView<double>, WideBias, ConstMatrixView<double>,
                                  MatrixView<double>);
template void linear_relu_by_sample(ConstMatrixView<float>, Bias, ConstMatrixView<float>, MatrixView<float>);
template void linear_relu_by_sample(ConstMatrixView<double>, WideBias, ConstMatrixView<double>,
                                    MatrixView<double>);

}  // namespace wta::reference
