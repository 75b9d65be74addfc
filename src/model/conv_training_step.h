#pragma once
/// The training step of a convolutional network whose maps compete: the way back follows the winners.

#include <cstdint>
#include <vector>

#include "core/scratch_pool.h"
#include "model/conv_batch.h"
#include "model/conv_decoder.h"
#include "model/conv_gradients.h"
#include "model/training_step.h"
#include "model/winner_slots.h"

namespace wta {

class ConvTrainingStep final : public TrainingStep {
 public:
  ConvTrainingStep(const Context& context, Autoencoder& network);

  StepResult forward(const Batch& batch) override;
  void backward(ConstMatrixView<float> x, RowSink<float>& sink) override;
  [[nodiscard]] const UnitActivity& activity() const override { return activity_; }

  [[nodiscard]] const Winners<float>& winners() const { return winners_; }

 private:
  void resize(std::int64_t samples);
  void compete_over_positions();
  void compete_over_everything();
  void backward_to_lower_layers();
  void send_winner_rows(RowSink<float>& sink);

  Context context_;
  Autoencoder& network_;
  ConvBatch batch_;
  ConvGradients gradients_;
  ConvResidual residual_;
  std::int64_t samples_ = 0;
  Tensor<float> value_;            ///< [B, maps] with spatial sparsity: the largest activation of each map
  Tensor<std::int32_t> position_;  ///< [B, maps] and where it lies
  WinnerSlots slots_;
  Winners<float> winners_;
  UnitActivity activity_;
  std::vector<float> gradient_;  ///< [winners]
  Tensor<float> grad_bias_;      ///< [maps]
  ScratchPool scratch_;
};

}  // namespace wta
