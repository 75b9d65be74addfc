#pragma once
/// The training step of a fully connected network.

#include <cstdint>
#include <vector>

#include "core/scratch_pool.h"
#include "model/dropout.h"
#include "model/sample_slots.h"
#include "model/training_step.h"
#include "model/winner_slots.h"

namespace wta {

class FcTrainingStep final : public TrainingStep {
 public:
  FcTrainingStep(const Context& context, Autoencoder& network);

  StepResult forward(const Batch& batch) override;
  void backward(ConstMatrixView<float> x, RowSink<float>& sink) override;
  [[nodiscard]] const UnitActivity& activity() const override { return activity_; }

  [[nodiscard]] const Winners<float>& winners() const { return winners_; }
  /// [B, D] reconstruction - target of the last forward().
  [[nodiscard]] ConstMatrixView<float> residual() const { return residual_.matrix(); }

 private:
  [[nodiscard]] ConstMatrixView<float> input_of(std::size_t layer, ConstMatrixView<float> x) const;
  void resize(std::int64_t samples);
  void run_lower_layers(ConstMatrixView<float> x);
  void compete(ConstMatrixView<float> input, std::int64_t step);
  void compete_by_sample(ConstMatrixView<float> input, std::int64_t k);
  void gather_winners();
  void decode(ConstMatrixView<float> target);
  void find_gradients(std::int64_t begin, std::int64_t end);
  void backward_last_layer(ConstMatrixView<float> input, RowSink<float>& sink);
  void backward_lower_layers(ConstMatrixView<float> x);
  void send_lower_rows(ConstMatrixView<float> x, RowSink<float>& sink);

  Context context_;
  Autoencoder& network_;
  Dropout dropout_;  ///< of the last layer's activations
  std::int64_t samples_ = 0;
  std::vector<Tensor<float>> hidden_;       ///< outputs of the lower layers, [B, units]
  std::vector<Tensor<float>> grad_hidden_;  ///< gradients there
  ScratchPool scratch_;
  WinnerSlots slots_;
  Tensor<float> linear_;      ///< k-sparse: [B, units] before the competition
  SampleSlots sample_slots_;  ///< k-sparse
  Winners<float> winners_;
  UnitActivity activity_;
  std::vector<float> gradient_;         ///< [winners]
  Tensor<float> residual_;              ///< [B, D]
  std::vector<double> sample_squares_;  ///< [B]
  Tensor<float> grad_decoder_bias_;     ///< [D]
  Tensor<float> grad_bias_;             ///< [units of the last layer]
};

}  // namespace wta
