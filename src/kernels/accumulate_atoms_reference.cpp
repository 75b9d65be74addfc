#include "kernels/accumulate_atoms.h"

namespace wta::reference {

template <class T>
void accumulate_atoms(const Winners<T>& winners, std::span<const T> coefficient, ConstMatrixView<T> rows,
                      std::int64_t begin, std::int64_t end, MatrixView<T> out) {
  for (std::int64_t u = 0; u < winners.units; ++u) {
    for (std::int64_t w = winners.offsets[u]; w < winners.offsets[u + 1]; ++w) {
      for (std::int64_t d = begin; d < end; ++d) out(winners.sample[w], d) += coefficient[w] * rows(u, d);
    }
  }
}

template void accumulate_atoms(const Winners<float>&, std::span<const float>, ConstMatrixView<float>,
                               std::int64_t, std::int64_t, MatrixView<float>);
template void accumulate_atoms(const Winners<double>&, std::span<const double>, ConstMatrixView<double>,
                               std::int64_t, std::int64_t, MatrixView<double>);

}  // namespace wta::reference
