#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/sample_selection.h"

namespace wta::reference {

template <class T>
void select_by_sample(ConstMatrixView<T> h, std::int64_t k, MatrixView<std::int32_t> unit,
                      MatrixView<T> value) {
  for (std::int64_t n = 0; n < h.rows; ++n) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(h.cols));
    std::iota(order.begin(), order.end(), 0);
    // Stable: among equal values the lower unit stays first.
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int32_t a, std::int32_t b) { return h(n, a) > h(n, b); });
    order.resize(static_cast<std::size_t>(k));
    std::sort(order.begin(), order.end());
    for (std::int64_t i = 0; i < k; ++i) {
      unit(n, i) = order[i];
      value(n, i) = h(n, order[i]);
    }
  }
}

template void select_by_sample(ConstMatrixView<float>, std::int64_t, MatrixView<std::int32_t>,
                               MatrixView<float>);
template void select_by_sample(ConstMatrixView<double>, std::int64_t, MatrixView<std::int32_t>,
                               MatrixView<double>);

}  // namespace wta::reference
