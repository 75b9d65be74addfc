#include <algorithm>
#include <vector>

#include "kernels/accumulate_atoms.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/accumulate_atoms_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Units whose rows are used at a time, so that their columns of the tile stay in the second-level cache.
constexpr std::int64_t kUnitBlock = 1024;

/// Sample by sample, so that a sample's sums stay in registers over its winners; block of units by block,
/// so that the rows stay in cache. Each element is the same chain of multiply-adds as unit by unit.
void accumulate_tile(const Winners<float>& winners, std::span<const float> coefficient,
                     ConstMatrixView<float> rows, std::int64_t begin, std::int64_t end,
                     MatrixView<float> out) {
  std::vector<std::int64_t> next(winners.sample_offsets.begin(), winners.sample_offsets.end() - 1);
  std::vector<float> scale(static_cast<std::size_t>(std::min(kUnitBlock, winners.units)));
  std::vector<std::int32_t> row(scale.size());
  for (std::int64_t block_end = kUnitBlock; block_end < winners.units + kUnitBlock; block_end += kUnitBlock) {
    for (std::int64_t n = 0; n < winners.samples; ++n) {
      std::int64_t count = 0;
      std::int64_t i = next[n];
      for (; i < winners.sample_offsets[n + 1]; ++i, ++count) {
        const std::int32_t w = winners.by_sample[i];
        if (winners.unit[w] >= block_end) break;
        scale[count] = coefficient[w];
        row[count] = winners.unit[w];
      }
      next[n] = i;
      if (count == 0) continue;
      add_scaled_rows({scale.data(), row.data(), count, rows.data + begin, rows.stride}, end - begin,
                      out.row(n) + begin);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(accumulate_tile);

namespace cpu {

void accumulate_atoms(const Winners<float>& winners, std::span<const float> coefficient,
                      ConstMatrixView<float> rows, std::int64_t begin, std::int64_t end,
                      MatrixView<float> out) {
  HWY_DYNAMIC_DISPATCH(accumulate_tile)(winners, coefficient, rows, begin, end, out);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
