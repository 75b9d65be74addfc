#include <algorithm>
#include <bit>
#include <functional>
#include <vector>

#include "kernels/lifetime_selection.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lifetime_selection_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_rows-inl.h"

// A row is read twice. First a lower bound of its k-th largest value: the values are dealt into at
// least k groups, and at least k values reach the k-th largest of the groups' maxima. Then the values
// at or above the bound, the candidates, are collected in order, and an exact selection ends the work.
HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

using Indices = hn::RebindToSigned<Floats>;

/// Room of one call, reused from row to row.
struct SelectionScratch {
  AlignedVector<float> maximum;  ///< [groups]
  AlignedVector<float> value;    ///< candidates, samples ascending
  AlignedVector<std::int32_t> index;
  std::vector<float> order;
};

/// Maxima of groups of the row: group (r, lane) holds lane `lane` of the vectors r, r + registers, ...
inline void group_maxima(const float* HWY_RESTRICT row, std::int64_t size, std::int64_t registers,
                         float* HWY_RESTRICT maximum) {
  const Floats d;
  const std::int64_t full = size / kLanes;
  for (std::int64_t r = 0; r < registers; ++r) {
    FloatVector largest = hn::Zero(d);
    for (std::int64_t i = r; i < full; i += registers) {
      largest = hn::Max(largest, hn::LoadU(d, row + i * kLanes));
    }
    if (const std::int64_t left = size - full * kLanes; left > 0 && full % registers == r) {
      largest = hn::Max(largest, load_part(row + full * kLanes, left));
    }
    hn::Store(largest, d, maximum + r * kLanes);
  }
}

inline std::int64_t count_at_least(const float* HWY_RESTRICT maximum, std::int64_t registers, float bound) {
  const Floats d;
  const FloatVector bounds = hn::Set(d, bound);
  std::size_t count = 0;
  for (std::int64_t r = 0; r < registers; ++r) {
    count += hn::CountTrue(d, hn::Ge(hn::Load(d, maximum + r * kLanes), bounds));
  }
  return static_cast<std::int64_t>(count);
}

/// A value that at least k of the given values reach.
struct Bound {
  float value = 0;
  bool exact = false;  ///< exactly k reach it
};

/// Halves the range of the values (>= 0, in whole vectors) until exactly k are left, or `halvings` times.
inline Bound find_bound(const float* HWY_RESTRICT values, std::int64_t registers, std::int64_t k,
                        int halvings) {
  const Floats d;
  FloatVector largest = hn::Zero(d);
  for (std::int64_t r = 0; r < registers; ++r) {
    largest = hn::Max(largest, hn::Load(d, values + r * kLanes));
  }
  float high = hn::GetLane(hn::MaxOfLanes(d, largest));
  if (const std::int64_t count = count_at_least(values, registers, high); count >= k) {
    return {high, count == k};
  }
  float low = 0;
  for (int i = 0; i < halvings; ++i) {
    const float middle = low + 0.5F * (high - low);
    const std::int64_t count = count_at_least(values, registers, middle);
    if (count == k) return {middle, true};
    (count > k ? low : high) = middle;
  }
  return {low, false};
}

/// Writes the marked lanes of v and of their sample numbers, in order, at `count`; returns the new count.
HWY_INLINE std::int64_t append(FloatVector v, hn::Vec<Indices> samples, hn::Mask<Floats> marked,
                               SelectionScratch& scratch, std::int64_t count) {
  const Floats d;
  const Indices indices;
  float* HWY_RESTRICT values = scratch.value.data() + count;
  std::int32_t* HWY_RESTRICT numbers = scratch.index.data() + count;
  if constexpr (kLanes >= 16) {
    // Compress, then a plain store: AMD's Zen 4 is very slow at compressing stores.
    hn::StoreU(hn::Compress(v, marked), d, values);
    hn::StoreU(hn::Compress(samples, hn::RebindMask(indices, marked)), indices, numbers);
    return count + static_cast<std::int64_t>(hn::CountTrue(d, marked));
  } else {
    // Without an instruction for it, Highway's Compress copies a table of 1 kB: lane by lane is faster.
    HWY_ALIGN float lanes[kLanes];
    HWY_ALIGN std::int32_t lane_samples[kLanes];
    std::uint8_t bytes[8] = {};
    hn::Store(v, d, lanes);
    hn::Store(samples, indices, lane_samples);
    hn::StoreMaskBits(d, marked, bytes);
    std::int64_t added = 0;
    for (unsigned bits = bytes[0]; bits != 0; bits &= bits - 1, ++added) {
      const int lane = std::countr_zero(bits);
      values[added] = lanes[lane];
      numbers[added] = lane_samples[lane];
    }
    return count + added;
  }
}

/// Collects the values > 0 that reach the bound, and returns their number.
inline std::int64_t collect(const float* HWY_RESTRICT row, std::int64_t size, float bound,
                            SelectionScratch& scratch) {
  const Floats d;
  const FloatVector bounds = hn::Set(d, bound);
  const auto samples = [](std::int64_t first) {
    return hn::Iota(Indices(), static_cast<std::int32_t>(first));
  };
  const auto marked = [&](FloatVector v) { return hn::And(hn::Ge(v, bounds), hn::Gt(v, hn::Zero(d))); };
  std::int64_t count = 0;
  std::int64_t i = 0;
  for (; i + 4 * kLanes <= size; i += 4 * kLanes) {
    FloatVector v[4];
    for (int j = 0; j < 4; ++j) v[j] = hn::LoadU(d, row + i + j * kLanes);
    const FloatVector largest = hn::Max(hn::Max(v[0], v[1]), hn::Max(v[2], v[3]));
    if (hn::AllFalse(d, marked(largest))) continue;
    for (int j = 0; j < 4; ++j) count = append(v[j], samples(i + j * kLanes), marked(v[j]), scratch, count);
  }
  for (; i + kLanes <= size; i += kLanes) {
    const FloatVector v = hn::LoadU(d, row + i);
    count = append(v, samples(i), marked(v), scratch, count);
  }
  if (i < size) {
    const FloatVector v = load_part(row + i, size - i);
    count = append(v, samples(i), marked(v), scratch, count);
  }
  return count;
}

/// Keeps the candidates that reach the bound, in place and in order.
inline void keep_at_least(std::int64_t candidates, float bound, SelectionScratch& scratch) {
  const Floats d;
  const Indices indices;
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < candidates; i += kLanes) {
    const FloatVector v = hn::Load(d, scratch.value.data() + i);
    const auto samples = hn::Load(indices, scratch.index.data() + i);
    count = append(v, samples, hn::Ge(v, hn::Set(d, bound)), scratch, count);
  }
}

/// Keeps the k best of the candidates, in place and in order, where equal values straddle the border.
inline void keep_best_of_ties(std::int64_t candidates, std::int64_t k, SelectionScratch& scratch) {
  scratch.order.assign(scratch.value.begin(), scratch.value.begin() + candidates);
  std::nth_element(scratch.order.begin(), scratch.order.begin() + (k - 1), scratch.order.end(),
                   std::greater<>());
  const float smallest = scratch.order[k - 1];
  std::int64_t ties = k - std::count_if(scratch.order.begin(), scratch.order.begin() + k,
                                        [&](float v) { return v > smallest; });
  for (std::int64_t i = 0, kept = 0; kept < k; ++i) {
    const float v = scratch.value[i];
    const bool tie = v == smallest && ties > 0;
    scratch.value[kept] = v;
    scratch.index[kept] = scratch.index[i];
    kept += (v > smallest || tie) ? 1 : 0;
    ties -= tie ? 1 : 0;
  }
}

inline void keep_best(std::int64_t candidates, std::int64_t k, SelectionScratch& scratch) {
  constexpr int kHalvings = 20;
  hn::StoreU(hn::Zero(Floats()), Floats(), scratch.value.data() + candidates);
  const Bound bound = find_bound(scratch.value.data(), (candidates + kLanes - 1) / kLanes, k, kHalvings);
  if (bound.exact) {
    keep_at_least(candidates, bound.value, scratch);
  } else {
    keep_best_of_ties(candidates, k, scratch);
  }
}

void select_rows(ConstMatrixView<float> h, std::int64_t k, MatrixView<std::int32_t> sample,
                 MatrixView<float> value, std::span<std::int64_t> count) {
  // A quarter more groups than k: the k-th largest maximum is then rarely far below the k-th value.
  const std::int64_t registers = (k + k / 4 + kLanes) / kLanes;
  constexpr int kHalvings = 10;
  const bool bounded = 2 * registers * kLanes <= h.cols;
  SelectionScratch scratch;
  scratch.maximum.resize(static_cast<std::size_t>(bounded ? registers * kLanes : 0));
  scratch.value.resize(static_cast<std::size_t>(h.cols + 5 * kLanes));
  scratch.index.resize(scratch.value.size());
  for (std::int64_t u = 0; u < h.rows; ++u) {
    float bound = 0;
    if (bounded) {
      group_maxima(h.row(u), h.cols, registers, scratch.maximum.data());
      bound = find_bound(scratch.maximum.data(), registers, k, kHalvings).value;
    }
    const std::int64_t candidates = collect(h.row(u), h.cols, bound, scratch);
    if (candidates > k) keep_best(candidates, k, scratch);
    count[u] = std::min(candidates, k);
    std::copy_n(scratch.index.begin(), count[u], sample.row(u));
    std::copy_n(scratch.value.begin(), count[u], value.row(u));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(select_rows);

namespace cpu {

void select_lifetime(ConstMatrixView<float> h, std::int64_t k, MatrixView<std::int32_t> sample,
                     MatrixView<float> value, std::span<std::int64_t> count) {
  HWY_DYNAMIC_DISPATCH(select_rows)(h, k, sample, value, count);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
