#include <algorithm>
#include <cmath>

#include "kernels/free_energy.h"
#include "kernels/linear_relu.h"

namespace wta::cpu {
namespace {

// Without overflow for large inputs.
double softplus(double a) {
  return std::max(a, 0.0) + std::log1p(std::exp(-std::abs(a)));
}

}  // namespace

void free_energy(ConstMatrixView<float> w, std::span<const float> hidden_bias,
                 std::span<const float> visible_bias, ConstMatrixView<float> v, std::span<double> energy) {
  Tensor<float> input({v.rows, w.rows});
  linear_by_sample(w, hidden_bias, v, input.matrix());
  for (std::int64_t n = 0; n < v.rows; ++n) {
    double sum = 0;
    for (std::int64_t d = 0; d < v.cols; ++d) sum -= static_cast<double>(visible_bias[d]) * v(n, d);
    for (const float a : std::as_const(input).matrix().row_span(n)) sum -= softplus(a);
    energy[n] = sum;
  }
}

}  // namespace wta::cpu
