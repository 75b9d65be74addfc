#pragma once
/// Optimiser state and the two sinks that take finished gradient rows (design: docs/architecture.md).

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kernels/parameter.h"
#include "kernels/row_sink.h"
#include "kernels/row_update.h"
#include "optim/schedule.h"
#include "wta/tensor.h"

namespace wta {

/// Velocities (sgd) or first and second moments (adam) of every parameter, and the rule of the current step.
class Optimizer {
 public:
  Optimizer(const OptimizerOptions& options, const std::vector<Parameter>& parameters);

  /// Sets the rule of the coming step; `step` counts from 0. To be called before any row of that step.
  void begin_step(std::int64_t step, std::int64_t total_steps);
  /// Applies the rule to one row. Different rows may be updated from several threads.
  void update_row(const Parameter& parameter, std::int64_t index, std::int64_t row,
                  std::span<const float> gradient);

  [[nodiscard]] double learning_rate() const { return learning_rate_; }
  /// State tensors by name ("0.encoder.0.weight", ...), for checkpoints.
  [[nodiscard]] std::map<std::string, Tensor<float>*> state();

 private:
  OptimizerOptions options_;
  std::vector<std::string> names_;
  std::vector<Tensor<float>> first_;   ///< velocity, or Adam's m
  std::vector<Tensor<float>> second_;  ///< Adam's v; empty tensors for sgd
  double learning_rate_ = 0;
  AdamRule adam_;
};

/// Updates the parameter as soon as a row arrives, while the row is in cache.
class UpdatingSink final : public RowSink<float> {
 public:
  UpdatingSink(Optimizer& optimizer, std::vector<Parameter> parameters)
      : optimizer_(optimizer), parameters_(std::move(parameters)) {}
  void take_row(std::int64_t parameter, std::int64_t row, std::span<const float> gradient) override {
    optimizer_.update_row(parameters_[static_cast<std::size_t>(parameter)], parameter, row, gradient);
  }

 private:
  Optimizer& optimizer_;
  std::vector<Parameter> parameters_;
};

/// Keeps the gradient of every parameter; the weights stay as they are.
class StoringSink final : public RowSink<float> {
 public:
  explicit StoringSink(const std::vector<Parameter>& parameters);
  void take_row(std::int64_t parameter, std::int64_t row, std::span<const float> gradient) override;
  /// [rows, row size] of parameter number `parameter`.
  [[nodiscard]] const Tensor<float>& gradient(std::int64_t parameter) const {
    return gradients_[static_cast<std::size_t>(parameter)];
  }
  /// Hands every stored row on, in order.
  void replay(RowSink<float>& sink) const;

 private:
  std::vector<Tensor<float>> gradients_;
};

}  // namespace wta
