#pragma once
/// Sums of products in double, one after the other.

#include <numeric>
#include <span>

namespace wta::svm {

/// sum_i a[i] b[i], for a and b of the same size.
inline double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace wta::svm
