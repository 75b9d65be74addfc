/// What the kernels at winners share: dot products with a unit's atom, sums of samples into a unit's row.
/// Compiled once per instruction set.
#if defined(WTA_KERNELS_SIMD_WINNERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef WTA_KERNELS_SIMD_WINNERS_INL_H_
#undef WTA_KERNELS_SIMD_WINNERS_INL_H_
#else
#define WTA_KERNELS_SIMD_WINNERS_INL_H_
#endif

#include <algorithm>

#include "kernels/simd_rows-inl.h"
#include "kernels/winners.h"
#include "wta/tensor.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Winners of one unit whose dot products share the reads of its atom.
constexpr int kWinnersAtOnce = kLanes >= 16 ? 8 : 4;

/// out[i] = scale * (atom, residual row sample[i]) for kWinners winners that share the reads of the atom.
/// Even and odd vectors are summed apart, for any kWinners alike: the bits do not depend on the grouping.
template <int kWinners>
HWY_INLINE void dot_products(const float* HWY_RESTRICT atom, ConstMatrixView<float> residual,
                             const std::int32_t* HWY_RESTRICT sample, float scale, float* HWY_RESTRICT out) {
  const Floats d;
  const float* HWY_RESTRICT row[kWinners];
  FloatVector even[kWinners];
  FloatVector odd[kWinners];
  for (int i = 0; i < kWinners; ++i) {
    row[i] = residual.row(sample[i]);
    even[i] = odd[i] = hn::Zero(d);
  }
  std::int64_t c = 0;
  for (; c + 2 * kLanes <= residual.cols; c += 2 * kLanes) {
    const FloatVector a0 = hn::LoadU(d, atom + c);
    const FloatVector a1 = hn::LoadU(d, atom + c + kLanes);
    for (int i = 0; i < kWinners; ++i) {
      even[i] = hn::MulAdd(a0, hn::LoadU(d, row[i] + c), even[i]);
      odd[i] = hn::MulAdd(a1, hn::LoadU(d, row[i] + c + kLanes), odd[i]);
    }
  }
  if (c + kLanes <= residual.cols) {
    const FloatVector a = hn::LoadU(d, atom + c);
    for (int i = 0; i < kWinners; ++i) even[i] = hn::MulAdd(a, hn::LoadU(d, row[i] + c), even[i]);
    c += kLanes;
  }
  if (const std::int64_t left = residual.cols - c; left > 0) {
    const FloatVector a = load_part(atom + c, left);
    for (int i = 0; i < kWinners; ++i) odd[i] = hn::MulAdd(a, load_part(row[i] + c, left), odd[i]);
  }
  for (int i = 0; i < kWinners; ++i) {
    out[i] = scale * hn::GetLane(hn::SumOfLanes(d, hn::Add(even[i], odd[i])));
  }
}

/// Calls task.template operator()<k>(w) for winners w .. w + k - 1 until [begin, end) is covered.
template <class Task>
HWY_INLINE void for_winners_at_once(std::int64_t begin, std::int64_t end, const Task& task) {
  std::int64_t w = begin;
  for (; w + kWinnersAtOnce <= end; w += kWinnersAtOnce) task.template operator()<kWinnersAtOnce>(w);
  for (; w + 2 <= end; w += 2) task.template operator()<2>(w);
  if (w < end) task.template operator()<1>(w);
}

/// Samples times columns that a group of units reads before it goes on to the next columns: they stay in
/// the second-level cache from unit to unit.
constexpr std::int64_t kBlockFloats = std::int64_t{128} * 1024;
/// Floats of the rows that a group of units builds at a time.
constexpr std::int64_t kGroupFloats = std::int64_t{64} * 1024;

/// The units [begin, end) of a group.
struct UnitGroup {
  const Winners<float>& winners;
  std::int64_t begin;
  std::int64_t end;
};

/// Units whose rows are built together. Several, if the batch is too large for the cache and has enough
/// winners here to be read more than twice; else one, whose row stays in the nearest cache. Same bits.
inline std::int64_t group_size(const Winners<float>& winners, std::int64_t columns, std::int64_t begin,
                               std::int64_t end) {
  const std::int64_t reads = winners.offsets[end] - winners.offsets[begin];
  const bool grouped = winners.samples * columns > kBlockFloats && reads > 2 * winners.samples;
  return grouped ? std::clamp<std::int64_t>(kGroupFloats / columns, 1, end - begin) : 1;
}

/// out [units of the group, D] += sum over each unit's winners of coefficient[w] * samples[sample(w)].
inline void add_samples(const UnitGroup& group, const float* coefficient, ConstMatrixView<float> samples,
                        MatrixView<float> out) {
  const std::int64_t first = group.winners.offsets[group.begin];
  const std::int64_t cached = std::max<std::int64_t>(8, kBlockFloats / samples.rows / kLanes) * kLanes;
  const std::int64_t block = group.end - group.begin > 1 ? cached : samples.cols;
  for (std::int64_t column = 0; column < samples.cols; column += block) {
    const std::int64_t columns = std::min(block, samples.cols - column);
    for (std::int64_t u = group.begin; u < group.end; ++u) {
      const std::int64_t begin = group.winners.offsets[u];
      add_scaled_rows({coefficient + (begin - first), group.winners.sample.data() + begin,
                       group.winners.count(u), samples.data + column, samples.stride},
                      columns, out.row(u - group.begin) + column);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
