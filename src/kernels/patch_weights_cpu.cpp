#include <algorithm>
#include <span>

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

/// row += the patches of the kPatches winners from w on.
template <int kPatches>
HWY_INLINE void add_winners(const Winners<float>& winners, const PatchTerms<float>& terms, std::int64_t w,
                            float* HWY_RESTRICT row) {
  ScaledPatches<kPatches> patches{.coefficient = {}, .patch = {}, .stride = terms.maps.shape.row_stride()};
  for (int k = 0; k < kPatches; ++k) {
    patches.coefficient[k] = terms.scale * terms.coefficient[w + k];
    patches.patch[k] = terms.maps.patch(winners.sample[w + k], winners.position[w + k], terms.kernel);
  }
  const std::int64_t columns = terms.kernel * terms.maps.shape.channels;
  add_scaled_patches(patches, terms.kernel, columns, row, columns);
}

/// row = the sum of the patches of the unit's winners, four at a time: the row stays in the nearest cache.
inline void sum_patches(const Winners<float>& winners, const PatchTerms<float>& terms, std::int64_t u,
                        std::span<float> row) {
  std::fill(row.begin(), row.end(), 0.0F);
  const std::int64_t end = winners.offsets[u + 1];
  std::int64_t w = winners.offsets[u];
  for (; w + 4 <= end; w += 4) add_winners<4>(winners, terms, w, row.data());
  for (; w + 2 <= end; w += 2) add_winners<2>(winners, terms, w, row.data());
  if (w < end) add_winners<1>(winners, terms, w, row.data());
}

inline AlignedVector<float> row_buffer(const PatchTerms<float>& terms) {
  return AlignedVector<float>(
      static_cast<std::size_t>(terms.kernel * terms.kernel * terms.maps.shape.channels));
}

void weight_rows_of_units(const Winners<float>& winners, const PatchTerms<float>& encoder,
                          const PatchTerms<float>& decoder, std::int64_t begin, std::int64_t end,
                          const WinnerWeightRows& rows, RowSink<float>& sink,
                          std::span<float> bias_gradient) {
  AlignedVector<float> encoder_row = row_buffer(encoder);
  AlignedVector<float> decoder_row = row_buffer(decoder);
  for (std::int64_t u = begin; u < end; ++u) {
    float bias = 0;
    for (std::int64_t w = winners.offsets[u]; w < winners.offsets[u + 1]; ++w) {
      bias += encoder.scale * encoder.coefficient[w];
    }
    bias_gradient[u] = bias;
    sum_patches(winners, encoder, u, encoder_row);
    sink.take_row(rows.encoder, u, encoder_row);
    sum_patches(winners, decoder, u, decoder_row);
    sink.take_row(rows.decoder, u, decoder_row);
  }
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
