#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/winner_weights.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/winner_weights_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_winners-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

void weight_gradients_of_units(const Winners<float>& winners, std::span<const float> gradient,
                               ConstMatrixView<float> input, ConstMatrixView<float> residual, float scale,
                               std::int64_t begin, std::int64_t end, const WinnerWeightRows& rows,
                               RowSink<float>& sink, std::span<float> bias_gradient) {
  const bool tied = rows.encoder == rows.decoder;
  const std::int64_t step = group_size(winners, std::max(input.cols, residual.cols), begin, end);
  AlignedVector<float> encoder(static_cast<std::size_t>(step * input.cols));
  AlignedVector<float> decoder(static_cast<std::size_t>(tied ? 0 : step * residual.cols));
  std::vector<float> scaled;
  for (std::int64_t u = begin; u < end; u += step) {
    const UnitGroup group{winners, u, std::min(end, u + step)};
    const std::int64_t first = winners.offsets[group.begin];
    scaled.assign(winners.value.begin() + first, winners.value.begin() + winners.offsets[group.end]);
    for (float& value : scaled) value *= scale;
    std::fill(encoder.begin(), encoder.end(), 0.0F);
    std::fill(decoder.begin(), decoder.end(), 0.0F);
    const MatrixView<float> encoder_rows(encoder.data(), step, input.cols);
    const MatrixView<float> decoder_rows(tied ? encoder.data() : decoder.data(), step, residual.cols);
    add_samples(group, gradient.data() + first, input, encoder_rows);
    add_samples(group, scaled.data(), residual, decoder_rows);
    for (std::int64_t i = group.begin; i < group.end; ++i) {
      const auto of_unit = gradient.subspan(winners.offsets[i], winners.count(i));
      bias_gradient[i] = std::accumulate(of_unit.begin(), of_unit.end(), 0.0F);
      sink.take_row(rows.encoder, i, encoder_rows.row_span(i - u));
      if (!tied) sink.take_row(rows.decoder, i, decoder_rows.row_span(i - u));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(weight_gradients_of_units);

namespace cpu {

void winner_weight_gradients(const Winners<float>& winners, std::span<const float> gradient,
                             ConstMatrixView<float> input, ConstMatrixView<float> residual, float scale,
                             std::int64_t begin, std::int64_t end, const WinnerWeightRows& rows,
                             RowSink<float>& sink, std::span<float> bias_gradient) {
  HWY_DYNAMIC_DISPATCH(weight_gradients_of_units)
  (winners, gradient, input, residual, scale, begin, end, rows, sink, bias_gradient);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
