#pragma once
#include <span>
#include <vector>

namespace wta {

/// How values are spread, in buckets of equal width from the smallest to the largest.
struct Histogram {
  double minimum = 0;
  double maximum = 0;
  double sum = 0;
  double sum_squares = 0;
  std::vector<double> limits;  ///< upper ends of the buckets, rising; a value on one belongs to the next
  std::vector<double> counts;  ///< values in each; all of them together: how many there are
};

/// Of the finite ones among the values (float, std::int64_t), in 64 buckets; in one where all are the same,
/// in none where there is no value.
template <class Value>
[[nodiscard]] Histogram histogram_of(std::span<const Value> values);

}  // namespace wta
