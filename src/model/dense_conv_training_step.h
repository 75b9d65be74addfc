#pragma once
/// The training step of a convolutional network without competition: the second, dense decoder path.

#include "kernels/conv_filters.h"
#include "model/conv_batch.h"
#include "model/conv_decoder.h"
#include "model/conv_gradients.h"
#include "model/dropout.h"
#include "model/training_step.h"

namespace wta {

/// Every activation of the last maps is decoded, and has a gradient where it is above 0;
/// with hidden dropout, every one that is left.
class DenseConvTrainingStep final : public TrainingStep {
 public:
  DenseConvTrainingStep(const Context& context, Autoencoder& network);

  StepResult forward(const Batch& batch) override;
  void backward(ConstMatrixView<float> x, RowSink<float>& sink) override;
  [[nodiscard]] const UnitActivity& activity() const override { return activity_; }

 private:
  void drop_activations(std::int64_t step);
  void measure_activity();
  void backward_to_layers();
  void send_atoms(RowSink<float>& sink);
  [[nodiscard]] ListedMaps<float> activations();

  Context context_;
  Autoencoder& network_;
  Dropout dropout_;  ///< of the last maps
  ConvBatch batch_;
  ConvGradients gradients_;
  ConvResidual residual_;
  cpu::ConvFilters atoms_;  ///< the decoder's atoms as filters over the residual
  std::int64_t samples_ = 0;
  Tensor<std::int32_t> all_positions_;   ///< [1, H*W]: one list for every sample
  std::vector<std::int64_t> all_count_;  ///< [B]
  UnitActivity activity_;
  ScratchPool scratch_;
};

}  // namespace wta
