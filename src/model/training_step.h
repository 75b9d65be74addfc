#pragma once
/// One training step of a winner-take-all autoencoder: forward, competition, and the way back along the
/// winners.
///
///   x -> encoder -> competition -> Winners -> atoms -> residual -> gradient at winners -> rows -> sink
///
/// Pass A works by sample or column and only reads weights; pass B works by unit and hands finished gradient
/// rows to the sink, which may change the weights at once. A barrier lies between them.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/scratch_pool.h"
#include "kernels/row_sink.h"
#include "kernels/winners.h"
#include "wta/context.h"
#include "wta/model.h"

namespace wta {

/// What one step measured, before the update.
struct StepResult {
  double loss = 0;           ///< 1/2 sum of squared errors, mean over the batch
  double squared_error = 0;  ///< sum over samples and inputs of (x' - x)^2
  std::int64_t winners = 0;
};

/// Buffers of the step, kept between steps so that none is allocated in the loop.
class TrainingStep {
 public:
  /// The network must outlive this object and keep its shapes.
  TrainingStep(const Context& context, Autoencoder& network);

  /// Forward and loss of a batch x [B, D]; leaves winners() and the residual.
  StepResult forward(ConstMatrixView<float> x);
  /// Gradients of the last forward() to the sink, each row exactly once. x is that of forward().
  void backward(ConstMatrixView<float> x, RowSink<float>& sink);

  [[nodiscard]] const Winners<float>& winners() const { return winners_; }
  /// [B, D] reconstruction - input of the last forward().
  [[nodiscard]] ConstMatrixView<float> residual() const { return residual_.matrix(); }

 private:
  [[nodiscard]] ConstMatrixView<float> input_of(std::size_t layer, ConstMatrixView<float> x) const;
  void resize(std::int64_t samples);
  void run_lower_layers(ConstMatrixView<float> x);
  void compete(ConstMatrixView<float> input);
  void gather_winners();
  void decode(ConstMatrixView<float> x);
  [[nodiscard]] double sum_of_squares();
  void find_gradients(std::int64_t begin, std::int64_t end);
  void backward_last_layer(ConstMatrixView<float> input, RowSink<float>& sink);
  void backward_lower_layers(ConstMatrixView<float> x);
  void send_lower_rows(ConstMatrixView<float> x, RowSink<float>& sink);

  Context context_;
  Autoencoder& network_;
  std::int64_t samples_ = 0;
  std::int64_t k_ = 0;
  std::vector<Tensor<float>> hidden_;       ///< outputs of the lower layers, [B, units]
  std::vector<Tensor<float>> grad_hidden_;  ///< gradients there
  ScratchPool scratch_;
  std::vector<std::int32_t> slot_sample_;  ///< [units, k] winners before they are packed
  AlignedVector<float> slot_value_;
  std::vector<std::int64_t> slot_count_;  ///< [units]
  Winners<float> winners_;
  std::vector<float> gradient_;         ///< [winners]
  Tensor<float> residual_;              ///< [B, D]
  std::vector<double> sample_squares_;  ///< [B]
  Tensor<float> grad_decoder_bias_;     ///< [D]
  Tensor<float> grad_bias_;             ///< [units of the last layer]
};

}  // namespace wta
