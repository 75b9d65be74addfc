#include <vector>

#include "kernels/winner_weights.h"

namespace wta::reference {
namespace {

/// out[d] += coefficient * row[d]
template <class T>
void add_scaled(T coefficient, std::span<const T> row, std::vector<T>& out) {
  for (std::size_t d = 0; d < row.size(); ++d) out[d] += coefficient * row[d];
}

}  // namespace

template <class T>
void winner_weight_gradients(const Winners<T>& winners, std::span<const T> gradient, ConstMatrixView<T> input,
                             ConstMatrixView<T> residual, T scale, std::int64_t begin, std::int64_t end,
                             const WinnerWeightRows& rows, RowSink<T>& sink, std::span<T> bias_gradient) {
  const bool tied = rows.encoder == rows.decoder;
  for (std::int64_t u = begin; u < end; ++u) {
    std::vector<T> encoder(static_cast<std::size_t>(input.cols), T{0});
    std::vector<T> decoder(static_cast<std::size_t>(residual.cols), T{0});
    std::vector<T>& atom = tied ? encoder : decoder;
    T bias = 0;
    for (std::int64_t w = winners.offsets[u]; w < winners.offsets[u + 1]; ++w) {
      const std::int64_t n = winners.sample[w];
      add_scaled(gradient[w], input.row_span(n), encoder);
      add_scaled(scale * winners.value[w], residual.row_span(n), atom);
      bias += gradient[w];
    }
    bias_gradient[u] = bias;
    sink.take_row(rows.encoder, u, encoder);
    if (!tied) sink.take_row(rows.decoder, u, decoder);
  }
}

template void winner_weight_gradients(const Winners<float>&, std::span<const float>, ConstMatrixView<float>,
                                      ConstMatrixView<float>, float, std::int64_t, std::int64_t,
                                      const WinnerWeightRows&, RowSink<float>&, std::span<float>);
template void winner_weight_gradients(const Winners<double>&, std::span<const double>,
                                      ConstMatrixView<double>, ConstMatrixView<double>, double, std::int64_t,
                                      std::int64_t, const WinnerWeightRows&, RowSink<double>&,
                                      std::span<double>);

}  // namespace wta::reference
