#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "kernels/sample_selection.h"

namespace wta::cpu {

// The k-th largest value by partial sorting of a copy; then one pass in order takes all that lie above it,
// and as many of its equals as there is room for, lower units first. A NaN (training that diverges) must not
// reach the sort, which it would lead out of the array.
void select_by_sample(ConstMatrixView<float> h, std::int64_t k, MatrixView<std::int32_t> unit,
                      MatrixView<float> value) {
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  std::vector<float> order(static_cast<std::size_t>(h.cols));
  for (std::int64_t n = 0; n < h.rows; ++n) {
    const float* row = h.row(n);
    std::transform(row, row + h.cols, order.begin(), [](float v) { return v > kLowest ? v : kLowest; });
    const auto border = order.begin() + (k - 1);
    std::nth_element(order.begin(), border, order.end(), std::greater<>());
    const float smallest = *border;
    std::int64_t ties = k - std::count_if(order.begin(), border, [&](float v) { return v > smallest; });
    std::int64_t kept = 0;
    for (std::int64_t u = 0; u < h.cols && kept < k; ++u) {
      if (row[u] < smallest || (row[u] == smallest && ties-- <= 0)) continue;
      unit(n, kept) = static_cast<std::int32_t>(u);
      value(n, kept) = row[u];
      ++kept;
    }
  }
}

}  // namespace wta::cpu
