#include "kernels/patch_gradient.h"

namespace wta::reference {

template <class T>
void gradient_at_patches(const Winners<T>& winners, ConstMatrixView<T> atoms, std::int64_t kernel,
                         ConstMapsView<T> residual, T scale, std::int64_t begin, std::int64_t end,
                         std::span<T> gradient) {
  const std::int64_t columns = kernel * residual.shape.channels;
  for (std::int64_t n = begin; n < end; ++n) {
    for (std::int64_t s = winners.sample_offsets[n]; s < winners.sample_offsets[n + 1]; ++s) {
      const std::int64_t w = winners.by_sample[s];
      const T* atom = atoms.row(winners.unit[w]);
      const T* patch = residual.patch(n, winners.position[w], kernel);
      T sum = 0;
      for (std::int64_t i = 0; i < kernel; ++i) {
        for (std::int64_t d = 0; d < columns; ++d) {
          sum += atom[i * columns + d] * patch[i * residual.shape.row_stride() + d];
        }
      }
      gradient[w] = scale * sum;
    }
  }
}

template void gradient_at_patches(const Winners<float>&, ConstMatrixView<float>, std::int64_t,
                                  ConstMapsView<float>, float, std::int64_t, std::int64_t, std::span<float>);
template void gradient_at_patches(const Winners<double>&, ConstMatrixView<double>, std::int64_t,
                                  ConstMapsView<double>, double, std::int64_t, std::int64_t,
                                  std::span<double>);

}  // namespace wta::reference
