#include "model/dense_fc_training_step.h"

#include <algorithm>
#include <numeric>

#include "core/parallel.h"
#include "kernels/accumulate_atoms.h"
#include "kernels/gemm_onednn.h"
#include "kernels/linear_relu.h"
#include "model/activation.h"
#include "model/kl_penalty.h"
#include "model/parameters.h"

namespace wta {

using cpu::Transpose;

DenseFcTrainingStep::DenseFcTrainingStep(const Context& context, Autoencoder& network)
    : context_(context),
      network_(network),
      mean_(static_cast<std::size_t>(network.units())),
      grad_decoder_bias_({network.inputs()}),
      grad_bias_({network.units()}) {
  activity_.wins.resize(mean_.size());
  activity_.smallest.resize(mean_.size());
}

void DenseFcTrainingStep::resize(std::int64_t samples) {
  if (samples == samples_) return;
  samples_ = samples;
  hidden_ = Tensor<float>({network_.units(), samples});
  residual_ = Tensor<float>({samples, network_.inputs()});
  sample_squares_.resize(static_cast<std::size_t>(samples));
}

StepResult DenseFcTrainingStep::forward(const Batch& batch) {
  resize(batch.input.rows);
  run_encoder(batch.input);
  decode(batch.target);
  const double squares = sum_of_squares(context_, residual_.matrix(), sample_squares_);
  return {.loss = 0.5 * squares / static_cast<double>(samples_) + penalty(),
          .squared_error = squares,
          .winners = std::accumulate(activity_.wins.begin(), activity_.wins.end(), std::int64_t{0})};
}

void DenseFcTrainingStep::run_encoder(ConstMatrixView<float> x) {
  const EncoderLayer& layer = network_.encoder.front();
  parallel_for_tiles(context_, network_.units(), kUnitTile, [&](std::int64_t begin, std::int64_t end) {
    const MatrixView<float> h = hidden_.matrix().row_range(begin, end);
    cpu::linear_by_unit(
        layer.weight.matrix().row_range(begin, end),
        layer.bias.span().subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)), x,
        h);
    for (std::int64_t u = begin; u < end; ++u) {
      const std::span<float> row = h.row_span(u - begin);
      activate(network_.activation, row);
      const auto unit = static_cast<std::size_t>(u);
      mean_[unit] = std::accumulate(row.begin(), row.end(), 0.0) / static_cast<double>(samples_);
      activity_.wins[unit] = std::ranges::count_if(row, [](float value) { return value > 0; });
    }
  });
}

// residual = decoder bias + sum of all atoms by their activations - target, and the gradient of that bias.
void DenseFcTrainingStep::decode(ConstMatrixView<float> target) {
  const MatrixView<float> residual = residual_.matrix();
  const ConstMatrixView<float> atoms = network_.atoms();
  parallel_for_tiles(context_, residual.cols, kColumnTile, [&](std::int64_t begin, std::int64_t end) {
    const MatrixView<float> out(residual.data + begin, residual.rows, end - begin, residual.stride);
    const ConstMatrixView<float> columns(atoms.data + begin, atoms.rows, end - begin, atoms.stride);
    cpu::gemm(Transpose::yes, hidden_.matrix(), Transpose::no, columns, out);
    for (std::int64_t n = 0; n < residual.rows; ++n) {
      for (std::int64_t d = begin; d < end; ++d) residual(n, d) += network_.decoder_bias[d] - target(n, d);
    }
    column_sums(residual, 1.0F / static_cast<float>(samples_), begin, end, grad_decoder_bias_.data());
  });
}

double DenseFcTrainingStep::penalty() const {
  if (network_.kl.weight == 0) return 0;
  double sum = 0;
  for (const double mean : mean_) sum += penalty_of(network_.kl, mean);
  return sum;
}

// At W x + b of the units [begin, end): ((atom, residual) + slope of the penalty) / B through the activation.
void DenseFcTrainingStep::find_gradient(std::int64_t begin, std::int64_t end, MatrixView<float> gradient) {
  cpu::gemm(Transpose::no, network_.atoms().row_range(begin, end), Transpose::yes, residual_.matrix(),
            gradient);
  const float share = 1.0F / static_cast<float>(samples_);
  for (std::int64_t u = begin; u < end; ++u) {
    const double mean = mean_[static_cast<std::size_t>(u)];
    const auto slope = static_cast<float>(network_.kl.weight == 0 ? 0 : penalty_slope(network_.kl, mean));
    const std::span<float> row = gradient.row_span(u - begin);
    for (float& value : row) value = share * (value + slope);
    through_activation(network_.activation, std::as_const(hidden_).matrix().row_span(u), row);
    grad_bias_[u] = std::accumulate(row.begin(), row.end(), 0.0F);
  }
}

// A unit's gradient needs its own atom alone, so the sink may change the atom as soon as its row is finished.
void DenseFcTrainingStep::send_rows(ConstMatrixView<float> x, std::int64_t begin, std::int64_t end,
                                    RowSink<float>& sink) {
  const std::int64_t units = end - begin;
  ScratchPool::Lease scratch = scratch_.borrow(kUnitTile * (2 * samples_ + 2 * x.cols));
  const MatrixView<float> gradient(scratch.data(), units, samples_);
  const MatrixView<float> scaled(gradient.data + units * samples_, units, samples_);
  const MatrixView<float> encoder(scaled.data + units * samples_, units, x.cols);
  const MatrixView<float> decoder(encoder.data + units * x.cols, units, x.cols);
  find_gradient(begin, end, gradient);
  const float share = 1.0F / static_cast<float>(samples_);
  for (std::int64_t u = 0; u < units; ++u) {
    std::ranges::transform(std::as_const(hidden_).matrix().row_span(begin + u), scaled.row(u),
                           [&](float h) { return share * h; });
  }
  cpu::gemm(Transpose::no, gradient, Transpose::no, x, encoder);
  if (network_.tied()) {
    cpu::gemm_add(Transpose::no, scaled, Transpose::no, residual_.matrix(), encoder);
  } else {
    cpu::gemm(Transpose::no, scaled, Transpose::no, residual_.matrix(), decoder);
  }
  for (std::int64_t u = 0; u < units; ++u) {
    sink.take_row(weight_parameter(0), begin + u, encoder.row_span(u));
    if (!network_.tied()) sink.take_row(decoder_parameter(network_), begin + u, decoder.row_span(u));
  }
}

void DenseFcTrainingStep::backward(ConstMatrixView<float> x, RowSink<float>& sink) {
  parallel_for_tiles(context_, network_.units(), kUnitTile,
                     [&](std::int64_t begin, std::int64_t end) { send_rows(x, begin, end, sink); });
  sink.take_row(bias_parameter(0), 0, grad_bias_.span());
  sink.take_row(decoder_bias_parameter(network_), 0, grad_decoder_bias_.span());
}

}  // namespace wta
