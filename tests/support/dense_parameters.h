#pragma once
/// Plain arrays in double and the update rules, for the dense networks that the winner-sparse steps must
/// equal.

#include <cstdint>
#include <vector>

#include "wta/optimizer.h"
#include "wta/tensor.h"

namespace wta::testing_support {

/// [rows][cols] in double.
struct Dense {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<double> values;

  Dense() = default;
  Dense(std::int64_t r, std::int64_t c) : rows(r), cols(c), values(static_cast<std::size_t>(r * c)) {}
  explicit Dense(ConstMatrixView<float> view) : Dense(view.rows, view.cols) {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < cols; ++c) at(r, c) = static_cast<double>(view(r, c));
    }
  }
  [[nodiscard]] double& at(std::int64_t r, std::int64_t c) {
    return values[static_cast<std::size_t>(r * cols + c)];
  }
  [[nodiscard]] double at(std::int64_t r, std::int64_t c) const {
    return values[static_cast<std::size_t>(r * cols + c)];
  }
};

/// A bias as one row.
[[nodiscard]] Dense as_row(const Tensor<float>& bias);

/// One trainable array with its gradient and optimiser state.
struct DenseParameter {
  Dense value, gradient, first, second;
  explicit DenseParameter(Dense start)
      : value(std::move(start)), gradient(value.rows, value.cols), first(gradient), second(gradient) {}
};

void clear_gradients(std::vector<DenseParameter>& parameters);

/// One update with the stored gradients; `number` counts from 1 (Adam's correction).
void update(std::vector<DenseParameter>& parameters, const OptimizerOptions& options, double learning_rate,
            std::int64_t number);

/// |a - b| / |b| in the Frobenius norm.
[[nodiscard]] double relative_difference(ConstMatrixView<float> a, const Dense& b);

}  // namespace wta::testing_support
