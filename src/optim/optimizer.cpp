#include "optim/optimizer.h"

#include <algorithm>

namespace wta {

Optimizer::Optimizer(const OptimizerOptions& options, const std::vector<Parameter>& parameters)
    : options_(options) {
  for (const Parameter& parameter : parameters) {
    const Shape shape = {parameter.value.rows, parameter.value.cols};
    names_.push_back(parameter.name);
    first_.emplace_back(shape);
    second_.emplace_back(options.optimizer == "adam" ? shape : Shape{0, 0});
  }
}

void Optimizer::begin_step(std::int64_t step, std::int64_t total_steps) {
  learning_rate_ = learning_rate_at(options_, step, total_steps);
  adam_.learning_rate = learning_rate_;
  adam_.step = step + 1;
}

void Optimizer::update_row(const Parameter& parameter, std::int64_t index, std::int64_t row,
                           std::span<const float> gradient) {
  const auto i = static_cast<std::size_t>(index);
  const std::span<float> weight = parameter.value.row_span(row);
  const std::span<float> first = first_[i].matrix().row_span(row);
  if (options_.optimizer == "adam") {
    cpu::adam_row(adam_, gradient, weight, first, second_[i].matrix().row_span(row));
  } else {
    cpu::sgd_row({.learning_rate = learning_rate_, .momentum = options_.momentum}, gradient, weight, first);
  }
}

std::map<std::string, Tensor<float>*> Optimizer::state() {
  std::map<std::string, Tensor<float>*> result;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    result["0." + names_[i]] = &first_[i];
    if (!second_[i].empty()) result["1." + names_[i]] = &second_[i];
  }
  return result;
}

StoringSink::StoringSink(const std::vector<Parameter>& parameters) {
  for (const Parameter& parameter : parameters) {
    gradients_.emplace_back(Shape{parameter.value.rows, parameter.value.cols});
  }
}

void StoringSink::take_row(std::int64_t parameter, std::int64_t row, std::span<const float> gradient) {
  Tensor<float>& stored = gradients_[static_cast<std::size_t>(parameter)];
  std::ranges::copy(gradient, stored.matrix().row(row));
}

void StoringSink::replay(RowSink<float>& sink) const {
  for (std::size_t p = 0; p < gradients_.size(); ++p) {
    const ConstMatrixView<float> rows = gradients_[p].matrix();
    for (std::int64_t r = 0; r < rows.rows; ++r)
      sink.take_row(static_cast<std::int64_t>(p), r, rows.row_span(r));
  }
}

}  // namespace wta
