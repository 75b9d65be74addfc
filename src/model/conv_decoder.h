#pragma once
/// The residual of a linear deconvolution over a batch, and what every decoder path does with it.

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/maps.h"
#include "model/training_step.h"
#include "wta/context.h"
#include "wta/model.h"

namespace wta {

class ConvResidual {
 public:
  /// The network must outlive this object.
  ConvResidual(const Context& context, const Autoencoder& network);
  void resize(std::int64_t samples);

  /// residual = decoder bias - x + what `paste(begin, end)` adds to maps() for those samples.
  void compute(ConstMatrixView<float> x, const std::function<void(std::int64_t, std::int64_t)>& paste);
  /// Loss of the last compute(); `winners` is left to the caller.
  [[nodiscard]] StepResult result() const;
  /// Gradient of the decoder bias, [channels]: sum of the residual over samples and positions / B.
  [[nodiscard]] Tensor<float> bias_gradient() const;

  /// [B, H, W, C] framed for the atoms, 0 in the frame.
  [[nodiscard]] MapsView<float> maps() { return {residual_.data(), shape_, samples_}; }

 private:
  void measure(std::int64_t sample);

  Context context_;
  const Autoencoder& network_;
  MapShape shape_;
  std::int64_t samples_ = 0;
  Tensor<float> residual_;
  std::vector<double> squares_;  ///< [B]
  Tensor<double> sums_;          ///< [B, C]
};

}  // namespace wta
