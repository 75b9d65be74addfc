#include "io/histogram.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace wta {
namespace {

constexpr std::size_t kBuckets = 64;

std::vector<double> limits_of(const Histogram& histogram, std::size_t buckets) {
  const double width = (histogram.maximum - histogram.minimum) / static_cast<double>(buckets);
  std::vector<double> limits(buckets);
  for (std::size_t b = 0; b < buckets; ++b) {
    limits[b] = histogram.minimum + static_cast<double>(b + 1) * width;
  }
  limits.back() = histogram.maximum;
  return limits;
}

template <class Value, class Action>
void for_each_finite(std::span<const Value> values, const Action& action) {
  for (const Value value : values) {
    const auto wide = static_cast<double>(value);
    if (std::isfinite(wide)) action(wide);
  }
}

}  // namespace

template <class Value>
Histogram histogram_of(std::span<const Value> values) {
  Histogram result{.minimum = std::numeric_limits<double>::infinity(),
                   .maximum = -std::numeric_limits<double>::infinity(),
                   .limits = {},
                   .counts = {}};
  for_each_finite(values, [&](double value) {
    result.minimum = std::min(result.minimum, value);
    result.maximum = std::max(result.maximum, value);
    result.sum += value;
    result.sum_squares += value * value;
  });
  if (result.minimum > result.maximum) return {};
  const double extent = result.maximum - result.minimum;
  const std::size_t buckets = extent > 0 ? kBuckets : 1;
  const double scale = extent > 0 ? static_cast<double>(buckets) / extent : 0;
  result.limits = limits_of(result, buckets);
  result.counts.assign(buckets, 0);
  for_each_finite(values, [&](double value) {
    const auto bucket = static_cast<std::size_t>((value - result.minimum) * scale);
    ++result.counts[std::min(bucket, buckets - 1)];
  });
  return result;
}

template Histogram histogram_of(std::span<const float> values);
template Histogram histogram_of(std::span<const std::int64_t> values);

}  // namespace wta
