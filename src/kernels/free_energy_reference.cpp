#include <cmath>

#include "kernels/free_energy.h"

namespace wta::reference {

template <class T>
void free_energy(ConstMatrixView<T> w, std::span<const T> hidden_bias, std::span<const T> visible_bias,
                 ConstMatrixView<T> v, std::span<double> energy) {
  for (std::int64_t n = 0; n < v.rows; ++n) {
    double sum = 0;
    for (std::int64_t d = 0; d < v.cols; ++d) sum -= static_cast<double>(visible_bias[d] * v(n, d));
    for (std::int64_t u = 0; u < w.rows; ++u) {
      double input = static_cast<double>(hidden_bias[u]);
      for (std::int64_t d = 0; d < v.cols; ++d) input += static_cast<double>(w(u, d) * v(n, d));
      sum -= std::log(1 + std::exp(input));
    }
    energy[n] = sum;
  }
}

template void free_energy(ConstMatrixView<float>, std::span<const float>, std::span<const float>,
                          ConstMatrixView<float>, std::span<double>);
template void free_energy(ConstMatrixView<double>, std::span<const double>, std::span<const double>,
                          ConstMatrixView<double>, std::span<double>);

}  // namespace wta::reference
