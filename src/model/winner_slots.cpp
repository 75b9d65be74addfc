#include "model/winner_slots.h"

#include <algorithm>

#include "kernels/lifetime_selection.h"

namespace wta {

void WinnerSlots::resize(std::int64_t units, std::int64_t k) {
  units_ = units;
  k_ = k;
  candidate_.resize(static_cast<std::size_t>(units * k));
  value_.resize(static_cast<std::size_t>(units * k));
  count_.resize(static_cast<std::size_t>(units));
}

void WinnerSlots::select(ConstMatrixView<float> h, std::int64_t begin, std::int64_t end) {
  const auto tile = static_cast<std::size_t>(end - begin);
  cpu::select_lifetime(h, k_, {candidate_.data() + begin * k_, end - begin, k_},
                       {value_.data() + begin * k_, end - begin, k_},
                       std::span(count_).subspan(static_cast<std::size_t>(begin), tile));
}

void WinnerSlots::clear_losers(MatrixView<float> h, std::int64_t begin, std::int64_t end) const {
  for (std::int64_t u = begin; u < end; ++u) {
    float* row = h.row(u - begin);
    std::fill_n(row, h.cols, 0.0F);
    for (std::int64_t i = 0; i < count_[static_cast<std::size_t>(u)]; ++i) {
      const auto slot = static_cast<std::size_t>(u * k_ + i);
      row[candidate_[slot]] = value_[slot];
    }
  }
}

float WinnerSlots::smallest(std::int64_t u) const {
  const std::int64_t count = count_[static_cast<std::size_t>(u)];
  const float* values = value_.data() + u * k_;
  return count == 0 ? 0.0F : *std::min_element(values, values + count);
}

void WinnerSlots::pack(Winners<float>& winners) const {
  winners.units = units_;
  winners.offsets.resize(static_cast<std::size_t>(units_) + 1);
  winners.offsets[0] = 0;
  for (std::size_t u = 0; u < count_.size(); ++u) winners.offsets[u + 1] = winners.offsets[u] + count_[u];
  const auto total = static_cast<std::size_t>(winners.offsets.back());
  winners.sample.resize(total);
  winners.value.resize(total);
  for (std::size_t u = 0; u < count_.size(); ++u) {
    const std::int64_t slot = static_cast<std::int64_t>(u) * k_;
    std::copy_n(candidate_.data() + slot, count_[u], winners.sample.data() + winners.offsets[u]);
    std::copy_n(value_.data() + slot, count_[u], winners.value.data() + winners.offsets[u]);
  }
}

}  // namespace wta
