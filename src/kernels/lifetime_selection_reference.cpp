#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/lifetime_selection.h"

namespace wta::reference {

template <class T>
void select_lifetime(ConstMatrixView<T> h, std::int64_t k, MatrixView<std::int32_t> sample,
                     MatrixView<T> value, std::span<std::int64_t> count) {
  for (std::int64_t u = 0; u < h.rows; ++u) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(h.cols));
    std::iota(order.begin(), order.end(), 0);
    // Stable: among equal values the lower sample stays first.
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int32_t a, std::int32_t b) { return h(u, a) > h(u, b); });
    order.resize(static_cast<std::size_t>(k));
    std::erase_if(order, [&](std::int32_t n) { return !(h(u, n) > T{0}); });
    std::sort(order.begin(), order.end());
    count[u] = static_cast<std::int64_t>(order.size());
    for (std::int64_t i = 0; i < count[u]; ++i) {
      sample(u, i) = order[i];
      value(u, i) = h(u, order[i]);
    }
  }
}

template void select_lifetime(ConstMatrixView<float>, std::int64_t, MatrixView<std::int32_t>,
                              MatrixView<float>, std::span<std::int64_t>);
template void select_lifetime(ConstMatrixView<double>, std::int64_t, MatrixView<std::int32_t>,
                              MatrixView<double>, std::span<std::int64_t>);

}  // namespace wta::reference
