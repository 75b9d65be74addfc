#include "kernels/winner_gradient.h"

namespace wta::reference {

template <class T>
void gradient_at_winners(const Winners<T>& winners, ConstMatrixView<T> atoms, ConstMatrixView<T> residual,
                         T scale, std::int64_t begin, std::int64_t end, std::span<T> gradient) {
  for (std::int64_t u = begin; u < end; ++u) {
    for (std::int64_t w = winners.offsets[u]; w < winners.offsets[u + 1]; ++w) {
      T sum = 0;
      for (std::int64_t d = 0; d < atoms.cols; ++d) sum += atoms(u, d) * residual(winners.sample[w], d);
      gradient[w] = scale * sum;
    }
  }
}

template void gradient_at_winners(const Winners<float>&, ConstMatrixView<float>, ConstMatrixView<float>,
                                  float, std::int64_t, std::int64_t, std::span<float>);
template void gradient_at_winners(const Winners<double>&, ConstMatrixView<double>, ConstMatrixView<double>,
                                  double, std::int64_t, std::int64_t, std::span<double>);

}  // namespace wta::reference
