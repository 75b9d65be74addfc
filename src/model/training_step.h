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
#include <span>
#include <vector>

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

/// What one step reads. Of a matrix alone: input and target are the same.
struct Batch {
  ConstMatrixView<float> input;   ///< [B, D] what the encoder sees, perhaps corrupted
  ConstMatrixView<float> target;  ///< [B, D] what the reconstruction is measured against
  std::int64_t step = 0;          ///< number of the step, a key of its random draws
  double progress = 1;            ///< complete epochs / all epochs, for what changes during training
  MatrixView<float> chains = {};  ///< [at least B, D] persistent chains of an RBM, which the step moves on

  template <class T>
  // NOLINTNEXTLINE(google-explicit-constructor): clean samples are a batch
  Batch(MatrixView<T> x) : input(x), target(x) {}
  Batch(ConstMatrixView<float> corrupted, ConstMatrixView<float> clean, std::int64_t number, double part = 1)
      : input(corrupted), target(clean), step(number), progress(part) {}
};

/// What each unit or map did in a step.
struct UnitActivity {
  std::vector<std::int64_t> wins;  ///< [units] winners
  std::vector<float> smallest;     ///< [units] the smallest winner's value; meaningless where there is none
};

/// Keeps its buffers between steps, so that none is allocated in the loop.
class TrainingStep {
 public:
  virtual ~TrainingStep() = default;
  /// Forward and loss of a batch.
  virtual StepResult forward(const Batch& batch) = 0;
  /// Gradients of the last forward() to the sink, each row exactly once. x is the input of its batch.
  virtual void backward(ConstMatrixView<float> x, RowSink<float>& sink) = 0;
  /// The winners of the last forward(); where nothing competes, every activation above 0 counts as one.
  [[nodiscard]] virtual const UnitActivity& activity() const = 0;
};

/// The step that suits the network, which must outlive it and keep its shapes.
[[nodiscard]] std::unique_ptr<TrainingStep> make_training_step(const Context& context, Autoencoder& network);

/// Wins and smallest winner of every unit.
void summarise(const Winners<float>& winners, UnitActivity& activity);

/// Sum of squares with eight running sums in double, in a fixed order.
[[nodiscard]] double squares_of(std::span<const float> values);
/// The same of a whole matrix, row by row on the context's threads; `of_rows` [rows] is room for the sums.
[[nodiscard]] double sum_of_squares(const Context& context, ConstMatrixView<float> matrix,
                                    std::span<double> of_rows);

/// sums[d] = scale * sum over rows of matrix[row, d], rows ascending, for d in [begin, end).
void column_sums(ConstMatrixView<float> matrix, float scale, std::int64_t begin, std::int64_t end,
                 float* sums);

}  // namespace wta
