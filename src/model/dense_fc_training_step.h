#pragma once
/// The training step of one fully connected layer without competition, sigmoid or identity, with or without
/// the KL penalty: dense products, forward and back.

#include <cstdint>
#include <vector>

#include "core/scratch_pool.h"
#include "model/training_step.h"

namespace wta {

class DenseFcTrainingStep final : public TrainingStep {
 public:
  DenseFcTrainingStep(const Context& context, Autoencoder& network);

  /// The loss includes the penalty.
  StepResult forward(const Batch& batch) override;
  void backward(ConstMatrixView<float> x, RowSink<float>& sink) override;
  [[nodiscard]] const UnitActivity& activity() const override { return activity_; }

  /// [units, B] activations of the last forward().
  [[nodiscard]] ConstMatrixView<float> hidden() const { return hidden_.matrix(); }

 private:
  void resize(std::int64_t samples);
  void run_encoder(ConstMatrixView<float> x);
  void decode(ConstMatrixView<float> target);
  [[nodiscard]] double penalty() const;
  void find_gradient(std::int64_t begin, std::int64_t end, MatrixView<float> gradient);
  void send_rows(ConstMatrixView<float> x, std::int64_t begin, std::int64_t end, RowSink<float>& sink);

  Context context_;
  Autoencoder& network_;
  std::int64_t samples_ = 0;
  ScratchPool scratch_;
  UnitActivity activity_;
  std::vector<double> mean_;            ///< [units] mean activation over the batch
  Tensor<float> hidden_;                ///< [units, B]
  Tensor<float> residual_;              ///< [B, D] reconstruction - target
  std::vector<double> sample_squares_;  ///< [B]
  Tensor<float> grad_decoder_bias_;     ///< [D]
  Tensor<float> grad_bias_;             ///< [units]
};

}  // namespace wta
