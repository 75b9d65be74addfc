#pragma once
/// The training step of a binary RBM by contrastive divergence, with or without competition.
///
///   v -> P(h|v) -> competition -> sample h -> v' = P(v|h) -> ... -> P(h|v')
///
/// Persistent chains (Tieleman 2008) are Gibbs chains of their own that go on from step to step: they start
/// at samples, and both h and v' are drawn.
///
/// A gradient row of unit u is mean over the batch of P(h_u|v') v' - P(h_u|v) v: minus the direction of the
/// log-likelihood, so that the optimiser descends. Source: Hinton 2002; Makhzani & Frey 2015 (the
/// competition in the positive phase). In the negative phase P(h|v') competes too, unless told otherwise.

#include <cstdint>
#include <span>
#include <vector>

#include "core/scratch_pool.h"
#include "model/bernoulli.h"
#include "model/training_step.h"
#include "model/winner_slots.h"

namespace wta {

/// Visible vectors that stand for the model's own distribution, and how much each of them counts.
struct NegativePhase {
  ConstMatrixView<float> visible;  ///< [vectors, D]
  std::span<const float> weight;   ///< [vectors], sum 1
};

class RbmTrainingStep final : public TrainingStep {
 public:
  RbmTrainingStep(const Context& context, Autoencoder& network);

  StepResult forward(const Batch& batch) override;
  /// Against the end of the chain that forward() ran.
  void backward(ConstMatrixView<float> x, RowSink<float>& sink) override;
  /// Against other vectors, all of them with their probabilities, say: then the gradient is exact.
  void backward_against(ConstMatrixView<float> x, const NegativePhase& negative, RowSink<float>& sink);
  [[nodiscard]] const UnitActivity& activity() const override { return activity_; }

  /// [units, B] P(h|v) of the last forward(), after the competition if there is one.
  [[nodiscard]] ConstMatrixView<float> positive() const { return positive_.matrix(); }
  /// [units, B] the last sample of h.
  [[nodiscard]] ConstMatrixView<float> hidden() const { return hidden_.matrix(); }
  /// [B, D] P(v|h) at the end of the chain; v itself, drawn, where chains persist.
  [[nodiscard]] ConstMatrixView<float> chain() const { return chain_.matrix(); }

 private:
  void resize(std::int64_t samples);
  void run_positive_phase(ConstMatrixView<float> x, std::uint64_t draw);
  void note_activity(std::int64_t begin, std::int64_t end);
  void prepare_competition_of_chain(std::int64_t vectors);
  void chain_probabilities(ConstMatrixView<float> visible, std::int64_t begin, std::int64_t end,
                           MatrixView<float> h);
  void sample_hidden_of_chain(std::uint64_t draw);
  void sample_visible_of_chain(std::uint64_t draw);
  void move_on(MatrixView<float> chains, std::int64_t step);
  void reconstruct();
  [[nodiscard]] double squared_error(ConstMatrixView<float> target);
  void probabilities(ConstMatrixView<float> visible, std::int64_t begin, std::int64_t end,
                     MatrixView<float> h) const;
  void send_rows(ConstMatrixView<float> x, const NegativePhase& negative, std::int64_t begin,
                 std::int64_t end, RowSink<float>& sink);
  void send_visible_bias(ConstMatrixView<float> x, const NegativePhase& negative, RowSink<float>& sink);

  Context context_;
  Autoencoder& network_;
  Bernoulli hidden_draws_;
  Bernoulli visible_draws_;
  std::int64_t samples_ = 0;
  ScratchPool scratch_;
  WinnerSlots slots_;        ///< of wta-rbm
  WinnerSlots chain_slots_;  ///< of wta-rbm with competition in the negative phase
  UnitActivity activity_;
  Tensor<float> positive_;              ///< [units, B]
  Tensor<float> hidden_;                ///< [units, B]
  Tensor<float> chain_;                 ///< [B, D]
  std::vector<float> chain_weight_;     ///< [B] each 1 / B
  std::vector<double> sample_squares_;  ///< [B]
  Tensor<float> grad_bias_;             ///< [units]
  Tensor<float> grad_visible_bias_;     ///< [D]
};

}  // namespace wta
