#include "model/fc_training_step.h"

#include <algorithm>

#include "core/parallel.h"
#include "kernels/accumulate_atoms.h"
#include "kernels/linear_backward.h"
#include "kernels/linear_relu.h"
#include "kernels/one_layer_backward.h"
#include "kernels/winner_gradient.h"
#include "kernels/winner_weights.h"
#include "model/parameters.h"

namespace wta {
namespace {

// Units whose gradients and weight rows are computed together: their atoms stay in the second-level cache.
constexpr std::int64_t kUpdateTile = 64;
// Samples whose units compete in one task.
constexpr std::int64_t kSelectionTile = 16;

}  // namespace

FcTrainingStep::FcTrainingStep(const Context& context, Autoencoder& network)
    : context_(context),
      network_(network),
      dropout_(network.hidden_dropout, context.seed, Purpose::hidden_dropout) {
  grad_decoder_bias_ = Tensor<float>({network.inputs()});
  grad_bias_ = Tensor<float>({network.units()});
}

void FcTrainingStep::resize(std::int64_t samples) {
  if (samples == samples_) return;
  samples_ = samples;
  hidden_.clear();
  grad_hidden_.clear();
  for (std::size_t l = 0; l + 1 < network_.encoder.size(); ++l) {
    hidden_.emplace_back(Shape{samples, network_.encoder[l].bias.size()});
    grad_hidden_.emplace_back(Shape{samples, network_.encoder[l].bias.size()});
  }
  if (network_.k_sparse.k > 0) {
    linear_ = Tensor<float>({samples, network_.units()});
  } else {
    slots_.resize(network_.units(),
                  network_.lifetime.off ? samples : winners_per_unit(network_.lifetime.fraction, samples));
  }
  residual_ = Tensor<float>({samples, network_.inputs()});
  sample_squares_.resize(static_cast<std::size_t>(samples));
}

ConstMatrixView<float> FcTrainingStep::input_of(std::size_t layer, ConstMatrixView<float> x) const {
  return layer == 0 ? x : hidden_[layer - 1].matrix();
}

StepResult FcTrainingStep::forward(const Batch& batch) {
  resize(batch.input.rows);
  run_lower_layers(batch.input);
  const ConstMatrixView<float> top_input = input_of(network_.encoder.size() - 1, batch.input);
  if (network_.k_sparse.k > 0) {
    compete_by_sample(top_input, network_.k_sparse.k_at(batch.progress));
  } else {
    compete(top_input, batch.step);
  }
  gather_winners();
  decode(batch.target);
  const double squares = sum_of_squares(context_, residual_.matrix(), sample_squares_);
  return {.loss = 0.5 * squares / static_cast<double>(samples_),
          .squared_error = squares,
          .winners = winners_.count()};
}

void FcTrainingStep::run_lower_layers(ConstMatrixView<float> x) {
  for (std::size_t l = 0; l + 1 < network_.encoder.size(); ++l) {
    const EncoderLayer& layer = network_.encoder[l];
    const ConstMatrixView<float> input = input_of(l, x);
    parallel_for_tiles(context_, samples_, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
      cpu::linear_relu_by_sample(layer.weight.matrix(), layer.bias.span(), input.row_range(begin, end),
                                 hidden_[l].matrix().row_range(begin, end));
    });
  }
}

// The last encoder layer and its competition (or dropout: what it drops cannot win), tile by tile: the
// activations never leave the cache.
void FcTrainingStep::compete(ConstMatrixView<float> input, std::int64_t step) {
  const EncoderLayer& layer = network_.encoder.back();
  const ConstMatrixView<float> weight = layer.weight.matrix();
  parallel_for_tiles(context_, network_.units(), kUnitTile, [&](std::int64_t begin, std::int64_t end) {
    ScratchPool::Lease scratch = scratch_.borrow(kUnitTile * samples_);
    const MatrixView<float> h(scratch.data(), end - begin, samples_);
    const auto tile = static_cast<std::size_t>(end - begin);
    cpu::linear_relu_by_unit(weight.row_range(begin, end),
                             layer.bias.span().subspan(static_cast<std::size_t>(begin), tile), input, h);
    dropout_.drop(step, begin * samples_, {h.data, static_cast<std::size_t>(h.rows * h.cols)},
                  dropout_.gain());
    slots_.select(h, begin, end);
  });
}

// k-sparse: all units of a sample compete, so their activations are written before any is chosen.
void FcTrainingStep::compete_by_sample(ConstMatrixView<float> input, std::int64_t k) {
  const EncoderLayer& layer = network_.encoder.back();
  const MatrixView<float> h = linear_.matrix();
  sample_slots_.resize(samples_, k);
  parallel_for_tiles(context_, network_.units(), kUnitTile, [&](std::int64_t begin, std::int64_t end) {
    const auto tile = static_cast<std::size_t>(end - begin);
    cpu::linear_by_sample(layer.weight.matrix().row_range(begin, end),
                          layer.bias.span().subspan(static_cast<std::size_t>(begin), tile), input,
                          MatrixView<float>(h.data + begin, h.rows, end - begin, h.stride));
  });
  parallel_for_tiles(context_, samples_, kSelectionTile, [&](std::int64_t begin, std::int64_t end) {
    sample_slots_.select(h.row_range(begin, end), begin, end);
  });
}

void FcTrainingStep::gather_winners() {
  winners_.samples = samples_;
  if (network_.k_sparse.k > 0) {
    sample_slots_.pack(network_.units(), network_.activation == Activation::relu, winners_);
  } else {
    slots_.pack(winners_);
  }
  gradient_.resize(winners_.value.size());
  winners_.index_by_sample();
  summarise(winners_, activity_);
  for (float& value : activity_.smallest) value /= dropout_.gain();  // codes of test time are not scaled
}

// residual = decoder bias + sum of the winners' atoms - target, and the gradient of the decoder bias.
void FcTrainingStep::decode(ConstMatrixView<float> target) {
  const float scale = 1.0F / static_cast<float>(samples_);
  const MatrixView<float> residual = residual_.matrix();
  parallel_for_tiles(context_, network_.inputs(), kColumnTile, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = 0; n < samples_; ++n) {
      for (std::int64_t d = begin; d < end; ++d) residual(n, d) = network_.decoder_bias[d] - target(n, d);
    }
    cpu::accumulate_atoms(winners_, winners_.value, network_.atoms(), begin, end, residual);
    column_sums(residual, scale, begin, end, grad_decoder_bias_.data());
  });
}

void FcTrainingStep::backward(ConstMatrixView<float> x, RowSink<float>& sink) {
  const std::size_t last = network_.encoder.size() - 1;
  if (last > 0) backward_lower_layers(x);
  backward_last_layer(input_of(last, x), sink);
  if (last > 0) send_lower_rows(x, sink);
  sink.take_row(decoder_bias_parameter(network_), 0, grad_decoder_bias_.span());
}

void FcTrainingStep::find_gradients(std::int64_t begin, std::int64_t end) {
  const float scale = dropout_.gain() / static_cast<float>(samples_);
  cpu::gradient_at_winners(winners_, network_.atoms(), residual_.matrix(), scale, begin, end, gradient_);
}

// Pass B of the competing layer and the decoder. A unit's gradient at its winners needs only that unit's
// atom: without layers below it is found here too, before the sink changes the atom.
void FcTrainingStep::backward_last_layer(ConstMatrixView<float> input, RowSink<float>& sink) {
  const float scale = 1.0F / static_cast<float>(samples_);
  const auto last = static_cast<std::int64_t>(network_.encoder.size()) - 1;
  const WinnerWeightRows rows{.encoder = weight_parameter(last), .decoder = decoder_parameter(network_)};
  parallel_for_tiles(context_, network_.units(), kUpdateTile, [&](std::int64_t begin, std::int64_t end) {
    if (last == 0) {
      const OneLayerTerms<float> terms{network_.atoms(), input, residual_.matrix(), dropout_.gain() * scale,
                                       scale};
      cpu::one_layer_backward(winners_, terms, begin, end, gradient_, rows, sink, grad_bias_.span());
      return;
    }
    cpu::winner_weight_gradients(winners_, gradient_, input, residual_.matrix(), scale, begin, end, rows,
                                 sink, grad_bias_.span());
  });
  sink.take_row(bias_parameter(last), 0, grad_bias_.span());
}

// Pass A of the layers below: from the winners down to the gradient at each layer's output.
void FcTrainingStep::backward_lower_layers(ConstMatrixView<float> x) {
  const std::size_t last = network_.encoder.size() - 1;
  parallel_for_tiles(context_, network_.units(), kUpdateTile,
                     [&](std::int64_t begin, std::int64_t end) { find_gradients(begin, end); });
  const MatrixView<float> top = grad_hidden_[last - 1].matrix();
  parallel_for_tiles(context_, top.cols, kColumnTile, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = 0; n < samples_; ++n) std::fill(top.row(n) + begin, top.row(n) + end, 0.0F);
    cpu::accumulate_atoms(winners_, gradient_, network_.encoder[last].weight.matrix(), begin, end, top);
  });
  for (std::size_t l = last; l-- > 0;) {
    const MatrixView<float> grad = grad_hidden_[l].matrix();
    const ConstMatrixView<float> h = input_of(l + 1, x);
    parallel_for_tiles(context_, samples_, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t n = begin; n < end; ++n) {
        for (std::int64_t u = 0; u < grad.cols; ++u) grad(n, u) = h(n, u) > 0 ? grad(n, u) : 0.0F;
      }
      if (l == 0) return;
      cpu::linear_grad_input(grad.row_range(begin, end), network_.encoder[l].weight.matrix(),
                             grad_hidden_[l - 1].matrix().row_range(begin, end));
    });
  }
}

// Pass B of the layers below.
void FcTrainingStep::send_lower_rows(ConstMatrixView<float> x, RowSink<float>& sink) {
  for (std::size_t l = 0; l + 1 < network_.encoder.size(); ++l) {
    const auto layer = static_cast<std::int64_t>(l);
    const ConstMatrixView<float> grad = grad_hidden_[l].matrix();
    const ConstMatrixView<float> input = input_of(l, x);
    parallel_for_tiles(context_, grad.cols, kUnitTile, [&](std::int64_t begin, std::int64_t end) {
      ScratchPool::Lease scratch = scratch_.borrow(kUnitTile * input.cols);
      const MatrixView<float> rows(scratch.data(), end - begin, input.cols);
      cpu::linear_grad_weight(grad, input, begin, end, rows);
      for (std::int64_t u = begin; u < end; ++u)
        sink.take_row(weight_parameter(layer), u, rows.row_span(u - begin));
    });
    Tensor<float> grad_bias({grad.cols});
    column_sums(grad, 1.0F, 0, grad.cols, grad_bias.data());
    sink.take_row(bias_parameter(layer), 0, grad_bias.span());
  }
}

}  // namespace wta
