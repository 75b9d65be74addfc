#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/one_layer_backward.h"
#include "kernels/winner_gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/one_layer_backward_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_winners-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Gradients of one unit's winners and its decoder row (assigns). The rows of a few samples are read twice:
/// the second time from the nearest cache.
inline void find_gradients_and_row(const Winners<float>& winners, const OneLayerTerms<float>& terms,
                                   std::int64_t u, std::span<float> gradient, std::span<float> row) {
  const ConstMatrixView<float> residual = terms.residual;
  std::ranges::fill(row, 0.0F);
  const auto find = [&]<int kWinners>(std::int64_t w) {
    const std::int32_t* sample = winners.sample.data() + w;
    dot_products<kWinners>(terms.atoms.row(u), residual, sample, terms.gradient_scale, gradient.data() + w);
    float scaled[kWinners];
    for (int i = 0; i < kWinners; ++i) scaled[i] = terms.weight_scale * winners.value[w + i];
    add_scaled_rows({scaled, sample, kWinners, residual.data, residual.stride}, residual.cols, row.data());
  };
  for_winners_at_once(winners.offsets[u], winners.offsets[u + 1], find);
}

void untied_backward(const Winners<float>& winners, const OneLayerTerms<float>& terms, std::int64_t begin,
                     std::int64_t end, std::span<float> gradient, const WinnerWeightRows& rows,
                     RowSink<float>& sink, std::span<float> bias_gradient) {
  const std::int64_t step = group_size(winners, terms.input.cols, begin, end);
  AlignedVector<float> encoder(static_cast<std::size_t>(step * terms.input.cols));
  AlignedVector<float> decoder(static_cast<std::size_t>(step * terms.residual.cols));
  const MatrixView<float> encoder_rows(encoder.data(), step, terms.input.cols);
  const MatrixView<float> decoder_rows(decoder.data(), step, terms.residual.cols);
  for (std::int64_t u = begin; u < end; u += step) {
    const UnitGroup group{winners, u, std::min(end, u + step)};
    for (std::int64_t i = group.begin; i < group.end; ++i) {
      find_gradients_and_row(winners, terms, i, gradient, decoder_rows.row_span(i - u));
    }
    std::ranges::fill(encoder, 0.0F);
    add_samples(group, gradient.data() + winners.offsets[u], terms.input, encoder_rows);
    for (std::int64_t i = group.begin; i < group.end; ++i) {
      const auto of_unit = gradient.subspan(winners.offsets[i], winners.count(i));
      bias_gradient[i] = std::accumulate(of_unit.begin(), of_unit.end(), 0.0F);
      sink.take_row(rows.encoder, i, encoder_rows.row_span(i - u));
      sink.take_row(rows.decoder, i, decoder_rows.row_span(i - u));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(untied_backward);

namespace cpu {

void one_layer_backward(const Winners<float>& winners, const OneLayerTerms<float>& terms, std::int64_t begin,
                        std::int64_t end, std::span<float> gradient, const WinnerWeightRows& rows,
                        RowSink<float>& sink, std::span<float> bias_gradient) {
  if (rows.encoder != rows.decoder) {
    HWY_DYNAMIC_DISPATCH(untied_backward)(winners, terms, begin, end, gradient, rows, sink, bias_gradient);
    return;
  }
  gradient_at_winners(winners, terms.atoms, terms.residual, terms.gradient_scale, begin, end, gradient);
  winner_weight_gradients(winners, gradient, terms.input, terms.residual, terms.weight_scale, begin, end,
                          rows, sink, bias_gradient);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
