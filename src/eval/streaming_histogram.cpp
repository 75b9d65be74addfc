#include "eval/streaming_histogram.h"

#include <algorithm>
#include <cmath>

namespace wta {

std::int64_t StreamingHistogram::bin_of(float value) const {
  return static_cast<std::int64_t>(std::floor(static_cast<double>(value) * inverse_));
}

void StreamingHistogram::add(float value) {
  constexpr double kLargestBin = 0x1p52;
  while (std::abs(static_cast<double>(value)) * inverse_ >= kLargestBin) double_width();
  std::int64_t bin = bin_of(value);
  if (counts_.empty()) first_ = bin;
  const auto bins = [&] { return static_cast<std::int64_t>(counts_.size()); };
  while (std::max(bin + 1, first_ + bins()) - std::min(bin, first_) > kMostBins) {
    double_width();
    bin = bin_of(value);
  }
  if (bin < first_) {
    counts_.insert(counts_.begin(), static_cast<std::size_t>(first_ - bin), 0);
    first_ = bin;
  }
  if (bin >= first_ + bins()) counts_.resize(static_cast<std::size_t>(bin - first_ + 1));
  ++counts_[static_cast<std::size_t>(bin - first_)];
}

void StreamingHistogram::double_width() {
  const std::int64_t first = first_ >> 1;  // rounds down, also below 0
  std::vector<std::int64_t> merged;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const std::int64_t bin = (first_ + static_cast<std::int64_t>(i)) >> 1;
    merged.resize(static_cast<std::size_t>(bin - first + 1));
    merged.back() += counts_[i];
  }
  counts_ = std::move(merged);
  first_ = first;
  width_ *= 2;
  inverse_ /= 2;
}

}  // namespace wta
