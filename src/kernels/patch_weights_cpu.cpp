#include <algorithm>
#include <vector>

#include "kernels/patch_weights.h"
#include "wta/tensor.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/patch_weights_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_patches-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Floats of the rows that are built together: more units share a read of the maps.
constexpr std::int64_t kGroupFloats = std::int64_t{512} * 1024;
/// Channels that are summed at a time, where there are many: then the rows of a group and the maps of a
/// sample, those channels of both, stay in the second-level cache.
constexpr std::int64_t kChannelBlock = 32;

/// The winners of units [begin, end), by sample, units ascending inside a sample.
inline void list_winners(const Winners<float>& winners, std::int64_t begin, std::int64_t end,
                         std::vector<std::int32_t>& list) {
  list.clear();
  for (const std::int32_t w : winners.by_sample) {
    if (winners.unit[w] >= begin && winners.unit[w] < end) list.push_back(w);
  }
}

/// rows [units from `begin` on, kernel * kernel * C] += the patches of the listed winners.
inline void add_patches(const Winners<float>& winners, const std::vector<std::int32_t>& list,
                        const PatchTerms<float>& terms, std::int64_t begin, MatrixView<float> rows) {
  const std::int64_t channels = terms.maps.shape.channels;
  const bool blocked = channels >= 2 * kChannelBlock;
  const std::int64_t block = blocked ? kChannelBlock : channels;
  for (std::int64_t c = 0; c < channels; c += block) {
    const std::int64_t count = std::min(block, channels - c);
    const PatchRuns patch{.rows = terms.kernel,
                          .runs = blocked ? terms.kernel : 1,
                          .length = blocked ? count : terms.kernel * channels,
                          .run_stride = channels};
    for (const std::int32_t w : list) {
      add_scaled_patch(patch, terms.scale * terms.coefficient[w],
                       terms.maps.patch(winners.sample[w], winners.position[w], terms.kernel) + c,
                       terms.maps.shape.row_stride(), rows.row(winners.unit[w] - begin) + c,
                       terms.kernel * channels);
    }
  }
}

/// Rows of units [begin, end) of one parameter, group by group.
inline void rows_of_units(const Winners<float>& winners, const PatchTerms<float>& terms, std::int64_t begin,
                          std::int64_t end, std::int64_t parameter, RowSink<float>& sink) {
  const std::int64_t columns = terms.kernel * terms.kernel * terms.maps.shape.channels;
  const std::int64_t step = std::clamp<std::int64_t>(kGroupFloats / columns, 1, end - begin);
  AlignedVector<float> buffer(static_cast<std::size_t>(step * columns));
  std::vector<std::int32_t> list;
  for (std::int64_t u = begin; u < end; u += step) {
    const std::int64_t last = std::min(end, u + step);
    const MatrixView<float> rows(buffer.data(), last - u, columns);
    std::fill_n(buffer.data(), rows.rows * columns, 0.0F);
    list_winners(winners, u, last, list);
    add_patches(winners, list, terms, u, rows);
    for (std::int64_t i = 0; i < rows.rows; ++i) sink.take_row(parameter, u + i, rows.row_span(i));
  }
}

void weight_rows_of_units(const Winners<float>& winners, const PatchTerms<float>& encoder,
                          const PatchTerms<float>& decoder, std::int64_t begin, std::int64_t end,
                          const WinnerWeightRows& rows, RowSink<float>& sink,
                          std::span<float> bias_gradient) {
  if (begin == end) return;
  for (std::int64_t u = begin; u < end; ++u) {
    float bias = 0;
    for (std::int64_t w = winners.offsets[u]; w < winners.offsets[u + 1]; ++w) {
      bias += encoder.scale * encoder.coefficient[w];
    }
    bias_gradient[u] = bias;
  }
  rows_of_units(winners, encoder, begin, end, rows.encoder, sink);
  rows_of_units(winners, decoder, begin, end, rows.decoder, sink);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(weight_rows_of_units);

namespace cpu {

void patch_weight_gradients(const Winners<float>& winners, const PatchTerms<float>& encoder,
                            const PatchTerms<float>& decoder, std::int64_t begin, std::int64_t end,
                            const WinnerWeightRows& rows, RowSink<float>& sink,
                            std::span<float> bias_gradient) {
  HWY_DYNAMIC_DISPATCH(weight_rows_of_units)
  (winners, encoder, decoder, begin, end, rows, sink, bias_gradient);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
