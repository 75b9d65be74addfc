#include "support/dense_parameters.h"

#include <cmath>

namespace wta::testing_support {

Dense as_row(const Tensor<float>& bias) {
  return Dense(ConstMatrixView<float>(bias.data(), 1, bias.size()));
}

void clear_gradients(std::vector<DenseParameter>& parameters) {
  for (DenseParameter& p : parameters) p.gradient = Dense(p.value.rows, p.value.cols);
}

void update(std::vector<DenseParameter>& parameters, const OptimizerOptions& options, double learning_rate,
            std::int64_t number) {
  constexpr double kBeta1 = 0.9;
  constexpr double kBeta2 = 0.999;
  constexpr double kEpsilon = 1e-8;
  for (DenseParameter& p : parameters) {
    for (std::size_t i = 0; i < p.value.values.size(); ++i) {
      const double g = p.gradient.values[i];
      double& first = p.first.values[i];
      double& second = p.second.values[i];
      if (options.optimizer == "sgd") {
        first = options.momentum * first + g;
        p.value.values[i] -= learning_rate * first;
        continue;
      }
      first = kBeta1 * first + (1 - kBeta1) * g;
      second = kBeta2 * second + (1 - kBeta2) * g * g;
      const double corrected_first = first / (1 - std::pow(kBeta1, static_cast<double>(number)));
      const double corrected_second = second / (1 - std::pow(kBeta2, static_cast<double>(number)));
      p.value.values[i] -= learning_rate * corrected_first / (std::sqrt(corrected_second) + kEpsilon);
    }
  }
}

double relative_difference(ConstMatrixView<float> a, const Dense& b) {
  double difference = 0;
  double norm = 0;
  for (std::int64_t r = 0; r < b.rows; ++r) {
    for (std::int64_t c = 0; c < b.cols; ++c) {
      difference += std::pow(static_cast<double>(a(r, c)) - b.at(r, c), 2);
      norm += b.at(r, c) * b.at(r, c);
    }
  }
  return std::sqrt(difference / norm);
}

}  // namespace wta::testing_support
