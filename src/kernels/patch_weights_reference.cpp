#include <vector>

#include "kernels/patch_weights.h"

namespace wta::reference {
namespace {

template <class T>
std::vector<T> sum_of_patches(const Winners<T>& winners, const PatchTerms<T>& terms, std::int64_t u) {
  const std::int64_t columns = terms.kernel * terms.maps.shape.channels;
  std::vector<T> row(static_cast<std::size_t>(terms.kernel * columns), T{0});
  for (std::int64_t w = winners.offsets[u]; w < winners.offsets[u + 1]; ++w) {
    const T coefficient = terms.scale * terms.coefficient[w];
    const T* patch = terms.maps.patch(winners.sample[w], winners.position[w], terms.kernel);
    for (std::int64_t i = 0; i < terms.kernel; ++i) {
      for (std::int64_t d = 0; d < columns; ++d) {
        row[i * columns + d] += coefficient * patch[i * terms.maps.shape.row_stride() + d];
      }
    }
  }
  return row;
}

}  // namespace

template <class T>
void patch_weight_gradients(const Winners<T>& winners, const PatchTerms<T>& encoder,
                            const PatchTerms<T>& decoder, std::int64_t begin, std::int64_t end,
                            const WinnerWeightRows& rows, RowSink<T>& sink, std::span<T> bias_gradient) {
  for (std::int64_t u = begin; u < end; ++u) {
    T bias = 0;
    for (std::int64_t w = winners.offsets[u]; w < winners.offsets[u + 1]; ++w) {
      bias += encoder.scale * encoder.coefficient[w];
    }
    bias_gradient[u] = bias;
    sink.take_row(rows.encoder, u, sum_of_patches(winners, encoder, u));
    sink.take_row(rows.decoder, u, sum_of_patches(winners, decoder, u));
  }
}

template void patch_weight_gradients(const Winners<float>&, const PatchTerms<float>&,
                                     const PatchTerms<float>&, std::int64_t, std::int64_t,
                                     const WinnerWeightRows&, RowSink<float>&, std::span<float>);
template void patch_weight_gradients(const Winners<double>&, const PatchTerms<double>&,
                                     const PatchTerms<double>&, std::int64_t, std::int64_t,
                                     const WinnerWeightRows&, RowSink<double>&, std::span<double>);

}  // namespace wta::reference
