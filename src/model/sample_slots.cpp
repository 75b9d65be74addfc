#include "model/sample_slots.h"

#include <limits>
#include <utility>

#include "kernels/sample_selection.h"

namespace wta {

void SampleSlots::resize(std::int64_t samples, std::int64_t k) {
  if (unit_.shape() == Shape{samples, k}) return;
  unit_ = Tensor<std::int32_t>({samples, k});
  value_ = Tensor<float>({samples, k});
}

void SampleSlots::select(ConstMatrixView<float> h, std::int64_t begin, std::int64_t end) {
  cpu::select_by_sample(h, unit_.row_size(), unit_.matrix().row_range(begin, end),
                        value_.matrix().row_range(begin, end));
}

void SampleSlots::pack(std::int64_t units, bool rectified, Winners<float>& winners) const {
  const float least = rectified ? 0 : -std::numeric_limits<float>::infinity();
  winners.units = units;
  winners.offsets.assign(static_cast<std::size_t>(units) + 1, 0);
  for (std::int64_t i = 0; i < unit_.size(); ++i) {
    if (value_[i] > least) ++winners.offsets[static_cast<std::size_t>(unit_[i]) + 1];
  }
  for (std::size_t u = 1; u < winners.offsets.size(); ++u) winners.offsets[u] += winners.offsets[u - 1];
  winners.sample.resize(static_cast<std::size_t>(winners.offsets.back()));
  winners.value.resize(winners.sample.size());
  std::vector<std::int64_t> next(winners.offsets.begin(), winners.offsets.end() - 1);
  for (std::int64_t i = 0; i < unit_.size(); ++i) {
    if (!(value_[i] > least)) continue;
    const auto place = static_cast<std::size_t>(next[static_cast<std::size_t>(unit_[i])]++);
    winners.sample[place] = static_cast<std::int32_t>(i / unit_.row_size());
    winners.value[place] = value_[i];
  }
}

}  // namespace wta
