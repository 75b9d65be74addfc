#include "model/dense_conv_training_step.h"

#include <algorithm>
#include <numeric>

#include "core/parallel.h"
#include "kernels/conv_relu.h"
#include "model/parameters.h"

namespace wta {
namespace {

constexpr std::int64_t kAtomTile = 32;

cpu::ConvShape atom_filters(const Autoencoder& network) {
  const Shape& atoms = network.decoder_weight.shape();
  return {.kernel = atoms[1],
          .in = atoms[3],
          .out = atoms[0],
          .height = network.input_shape[0],
          .width = network.input_shape[1]};
}

void scale_by(float factor, MapsView<float> maps) {
  if (factor == 1) return;
  std::for_each_n(maps.data, maps.samples * maps.shape.stored_size(), [&](float& v) { v *= factor; });
}

}  // namespace

// The residual is framed for its patches alone, so the atoms are applied patch by patch.
DenseConvTrainingStep::DenseConvTrainingStep(const Context& context, Autoencoder& network)
    : context_(context),
      network_(network),
      dropout_(network.hidden_dropout, context.seed, Purpose::hidden_dropout),
      batch_(context, network),
      gradients_(context, network, batch_, std::ssize(network.encoder) - 1),
      residual_(context, network),
      atoms_(atom_filters(network), 1),
      all_positions_({1, network.input_shape[0] * network.input_shape[1]}) {
  std::iota(all_positions_.span().begin(), all_positions_.span().end(), 0);
}

ListedMaps<float> DenseConvTrainingStep::activations() {
  const ConstMatrixView<std::int32_t> list(all_positions_.data(), samples_, all_positions_.size(), 0);
  return {batch_.output(network_.encoder.size() - 1), {list, all_count_}};
}

StepResult DenseConvTrainingStep::forward(const Batch& batch) {
  samples_ = batch.input.rows;
  batch_.resize(samples_);
  gradients_.resize(samples_);
  residual_.resize(samples_);
  all_count_.assign(static_cast<std::size_t>(samples_), all_positions_.size());
  batch_.forward_lower(batch.input);
  batch_.forward_last();
  drop_activations(batch.step);
  measure_activity();
  residual_.compute(batch.target, [&](std::int64_t begin, std::int64_t end) {
    cpu::conv_grad_input(activations().sample_range(begin, end), network_.atoms(),
                         network_.decoder_weight.shape()[1], residual_.maps().sample_range(begin, end));
  });
  StepResult result = residual_.result();
  result.winners = std::accumulate(activity_.wins.begin(), activity_.wins.end(), std::int64_t{0});
  return result;
}

void DenseConvTrainingStep::drop_activations(std::int64_t step) {
  const MapsView<float> h = batch_.output(network_.encoder.size() - 1);  // the last maps have no frame
  parallel_for_tiles(context_, samples_, kConvSampleTile, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t size = h.shape.size();
    const std::span<float> values(h.data + begin * size, static_cast<std::size_t>((end - begin) * size));
    dropout_.drop(step, begin * size, values, dropout_.gain());
  });
}

// Activations above 0 count as winners; nothing competes, so nothing has a smallest one.
void DenseConvTrainingStep::measure_activity() {
  const ConstMapsView<float> h = batch_.output(network_.encoder.size() - 1);
  const auto units = static_cast<std::size_t>(network_.units());
  activity_.wins.assign(units, 0);
  activity_.smallest.assign(units, 0.0F);
  const std::int64_t rows = samples_ * h.shape.positions();
  for (std::int64_t i = 0; i < rows; ++i) {
    const float* at = h.data + i * h.shape.channels;
    for (std::size_t u = 0; u < units; ++u) activity_.wins[u] += at[u] > 0 ? 1 : 0;
  }
}

void DenseConvTrainingStep::backward(ConstMatrixView<float>, RowSink<float>& sink) {
  const Tensor<float> bias = residual_.bias_gradient();
  backward_to_layers();
  send_atoms(sink);
  gradients_.send_rows(sink);
  sink.take_row(decoder_bias_parameter(network_), 0, bias.span());
}

// Pass A: gradient at the last maps = correlation of the residual with the atoms, then down the layers. What
// was dropped is 0 there, and passes nothing, as where the rectifier is closed; the rest was scaled.
void DenseConvTrainingStep::backward_to_layers() {
  const float scale = 1.0F / static_cast<float>(samples_);
  const std::int64_t last = std::ssize(network_.encoder) - 1;
  atoms_.assign(network_.atoms(), 0, network_.units());
  parallel_for_tiles(context_, samples_, kConvSampleTile, [&](std::int64_t begin, std::int64_t end) {
    ScratchPool::Lease scratch = scratch_.borrow(atoms_.scratch_size());
    const MapsView<float> residual = residual_.maps().sample_range(begin, end);
    scale_by(scale, residual);
    const MapsView<float> gradient = gradients_.at(last).sample_range(begin, end);
    cpu::conv_linear(atoms_, residual, gradient, scratch.data());
    scale_by(dropout_.gain(), gradient);
    gradients_.mask(last, begin, end);
  });
  gradients_.propagate();
}

void DenseConvTrainingStep::send_atoms(RowSink<float>& sink) {
  const ConstMatrixView<float> atoms = network_.atoms();
  Tensor<float> unused({atoms.rows});
  parallel_for_tiles(context_, atoms.rows, kAtomTile, [&](std::int64_t begin, std::int64_t end) {
    ScratchPool::Lease scratch = scratch_.borrow(kAtomTile * atoms.cols);
    const MatrixView<float> rows(scratch.data(), end - begin, atoms.cols);
    cpu::conv_grad_weight(activations(), residual_.maps(), network_.decoder_weight.shape()[1], begin, end,
                          rows, unused.span());
    for (std::int64_t u = begin; u < end; ++u) {
      sink.take_row(decoder_parameter(network_), u, rows.row_span(u - begin));
    }
  });
}

}  // namespace wta
