#include "kernels/linear_backward.h"

namespace wta::reference {

template <class T>
void linear_grad_weight(ConstMatrixView<T> grad_h, ConstMatrixView<T> x, std::int64_t begin, std::int64_t end,
                        MatrixView<T> grad_w) {
  for (std::int64_t u = begin; u < end; ++u) {
    for (std::int64_t d = 0; d < x.cols; ++d) {
      T sum = 0;
      for (std::int64_t n = 0; n < x.rows; ++n) sum += grad_h(n, u) * x(n, d);
      grad_w(u - begin, d) = sum;
    }
  }
}

template <class T>
void linear_grad_input(ConstMatrixView<T> grad_h, ConstMatrixView<T> w, MatrixView<T> grad_x) {
  for (std::int64_t n = 0; n < grad_h.rows; ++n) {
    for (std::int64_t d = 0; d < w.cols; ++d) {
      T sum = 0;
      for (std::int64_t u = 0; u < w.rows; ++u) sum += grad_h(n, u) * w(u, d);
      grad_x(n, d) = sum;
    }
  }
}

template void linear_grad_weight(ConstMatrixView<float>, ConstMatrixView<float>, std::int64_t, std::int64_t,
                                 MatrixView<float>);
template void linear_grad_weight(ConstMatrixView<double>, ConstMatrixView<double>, std::int64_t, std::int64_t,
                                 MatrixView<double>);
template void linear_grad_input(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template void linear_grad_input(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>);

}  // namespace wta::reference
