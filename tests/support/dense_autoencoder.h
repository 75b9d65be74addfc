#pragma once
/// A plain dense autoencoder in double, written for reading: what the winner-sparse step must equal.

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/winners.h"
#include "wta/model.h"
#include "wta/optimizer.h"

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

/// One trainable array with its gradient and optimiser state.
struct DenseParameter {
  Dense value, gradient, first, second;
  explicit DenseParameter(Dense start)
      : value(std::move(start)), gradient(value.rows, value.cols), first(gradient), second(gradient) {}
};

/// The same network as `Autoencoder`; every product is a full dense loop, the winners are a 0/1 mask.
class DenseAutoencoder {
 public:
  explicit DenseAutoencoder(const Autoencoder& network);

  /// Forward and backward on x [B, D] with the given winners; gradients are stored. Returns the loss.
  /// With hidden dropout, `winners` are those that were left, and `gain` is what they were scaled by.
  double step(ConstMatrixView<float> x, const Winners<float>& winners, double gain = 1);
  /// The same with a target other than x.
  double step(ConstMatrixView<float> x, ConstMatrixView<float> target, const Winners<float>& winners,
              double gain);
  /// One update with the stored gradients; `number` counts from 1 (Adam's correction).
  void update(const OptimizerOptions& options, double learning_rate, std::int64_t number);
  /// Parameters in the order of wta::parameters().
  [[nodiscard]] const std::vector<DenseParameter>& parameters() const { return parameters_; }
  /// Activations of the last layer before the competition, [B, units].
  [[nodiscard]] const Dense& activations() const { return hidden_.back(); }

 private:
  [[nodiscard]] Dense& weight(std::size_t layer) { return parameters_[2 * layer].value; }
  [[nodiscard]] Dense& bias(std::size_t layer) { return parameters_[2 * layer + 1].value; }
  void run_encoder(const Dense& x);
  void backward_encoder(const Dense& x, Dense grad);

  std::size_t layers_;
  bool tied_;
  std::size_t decoder_;  ///< parameter number of the atoms
  std::vector<DenseParameter> parameters_;
  std::vector<Dense> hidden_;
};

}  // namespace wta::testing_support
