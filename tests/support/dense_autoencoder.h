#pragma once
/// A plain dense autoencoder in double, written for reading: what the winner-sparse step must equal.

#include <cstdint>
#include <vector>

#include "kernels/winners.h"
#include "support/dense_parameters.h"
#include "wta/model.h"

namespace wta::testing_support {

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
  /// Without competition: every activation counts. The loss includes the KL penalty.
  double dense_step(ConstMatrixView<float> x, ConstMatrixView<float> target);
  /// Parameters in the order of wta::parameters().
  [[nodiscard]] std::vector<DenseParameter>& parameters() { return parameters_; }
  /// Activations of the last layer before the competition, [B, units].
  [[nodiscard]] const Dense& activations() const { return hidden_.back(); }

 private:
  [[nodiscard]] Dense& weight(std::size_t layer) { return parameters_[2 * layer].value; }
  [[nodiscard]] Dense& bias(std::size_t layer) { return parameters_[2 * layer + 1].value; }
  [[nodiscard]] Activation activation_of(std::size_t layer) const;
  void run_encoder(const Dense& x);
  double step_masked(const Dense& x, const Dense& target, const Dense& mask);
  double add_penalty(Dense& grad) const;
  void backward_encoder(const Dense& x, Dense grad);

  std::size_t layers_;
  KlPenalty kl_;
  Activation activation_;  ///< of the last layer; those below are rectified
  bool tied_;
  std::size_t decoder_;  ///< parameter number of the atoms
  std::vector<DenseParameter> parameters_;
  std::vector<Dense> hidden_;
};

}  // namespace wta::testing_support
