#include "model/conv_training_step.h"

#include <algorithm>

#include "core/parallel.h"
#include "kernels/paste_patches.h"
#include "kernels/patch_gradient.h"
#include "kernels/patch_weights.h"
#include "model/parameters.h"

namespace wta {
namespace {

// Maps whose candidates are regrouped together, and whose weight rows are computed together.
constexpr std::int64_t kMapTile = 16;
constexpr std::int64_t kWeightTile = 32;

}  // namespace

ConvTrainingStep::ConvTrainingStep(const Context& context, Autoencoder& network)
    : context_(context),
      network_(network),
      batch_(context, network),
      gradients_(context, network, batch_, std::ssize(network.encoder) - 2),
      residual_(context, network),
      grad_bias_({network.units()}) {}

void ConvTrainingStep::resize(std::int64_t samples) {
  if (samples == samples_) return;
  samples_ = samples;
  batch_.resize(samples);
  gradients_.resize(samples);
  residual_.resize(samples);
  value_ = Tensor<float>({samples, network_.units()});
  position_ = Tensor<std::int32_t>({samples, network_.units()});
  const std::int64_t positions = network_.input_shape[0] * network_.input_shape[1];
  const std::int64_t candidates = network_.spatial ? samples : samples * positions;
  const Rate& rate = network_.lifetime;
  slots_.resize(network_.units(), rate.off ? candidates : winners_per_unit(rate.fraction, candidates));
}

StepResult ConvTrainingStep::forward(const Batch& batch) {
  resize(batch.input.rows);
  batch_.forward_lower(batch.input);
  if (network_.spatial) {
    compete_over_positions();
  } else {
    compete_over_everything();
  }
  winners_.index_by_sample();
  summarise(winners_, activity_);
  const std::int64_t kernel = network_.decoder_weight.shape()[1];
  residual_.compute(batch.target, [&](std::int64_t begin, std::int64_t end) {
    cpu::paste_patches(winners_, winners_.value, network_.atoms(), kernel, begin, end, residual_.maps());
  });
  StepResult result = residual_.result();
  result.winners = winners_.count();
  return result;
}

// Spatial sparsity, then lifetime sparsity over the maps' largest activations. Without the latter k is B, so
// that every activation above 0 is kept.
void ConvTrainingStep::compete_over_positions() {
  batch_.forward_max(value_.matrix(), position_.matrix());
  parallel_for_tiles(context_, network_.units(), kMapTile, [&](std::int64_t begin, std::int64_t end) {
    ScratchPool::Lease scratch = scratch_.borrow(kMapTile * samples_);
    const MatrixView<float> h(scratch.data(), end - begin, samples_);
    for (std::int64_t n = 0; n < samples_; ++n) {
      for (std::int64_t u = begin; u < end; ++u) h(u - begin, n) = value_.matrix()(n, u);
    }
    slots_.select(h, begin, end);
  });
  slots_.pack(winners_);
  winners_.samples = samples_;
  winners_.position.resize(winners_.sample.size());
  for (std::int64_t u = 0; u < winners_.units; ++u) {
    for (std::int64_t w = winners_.offsets[static_cast<std::size_t>(u)];
         w < winners_.offsets[static_cast<std::size_t>(u) + 1]; ++w) {
      const auto i = static_cast<std::size_t>(w);
      winners_.position[i] = position_.matrix()(winners_.sample[i], u);
    }
  }
}

// Lifetime sparsity alone: a map's candidates are all its positions in all samples.
void ConvTrainingStep::compete_over_everything() {
  batch_.forward_last();
  const ConstMapsView<float> h = batch_.output(network_.encoder.size() - 1);
  const std::int64_t positions = h.shape.positions();
  parallel_for_tiles(context_, network_.units(), kMapTile, [&](std::int64_t begin, std::int64_t end) {
    ScratchPool::Lease scratch = scratch_.borrow(kMapTile * samples_ * positions);
    const MatrixView<float> candidates(scratch.data(), end - begin, samples_ * positions);
    for (std::int64_t i = 0; i < candidates.cols; ++i) {
      const float* at = h.data + i * h.shape.channels;  // the last maps have no frame
      for (std::int64_t u = begin; u < end; ++u) candidates(u - begin, i) = at[u];
    }
    slots_.select(candidates, begin, end);
  });
  slots_.pack(winners_);
  winners_.samples = samples_;
  winners_.position.resize(winners_.sample.size());
  for (std::size_t w = 0; w < winners_.sample.size(); ++w) {
    const std::int64_t candidate = winners_.sample[w];
    winners_.sample[w] = static_cast<std::int32_t>(candidate / positions);
    winners_.position[w] = static_cast<std::int32_t>(candidate % positions);
  }
}

void ConvTrainingStep::backward(ConstMatrixView<float>, RowSink<float>& sink) {
  gradient_.resize(winners_.value.size());
  backward_to_lower_layers();
  send_winner_rows(sink);
  gradients_.send_rows(sink);
  const Tensor<float> bias = residual_.bias_gradient();
  sink.take_row(decoder_bias_parameter(network_), 0, bias.span());
}

// Pass A, by sample: the gradient at the winners, and what it sends to the layers below.
void ConvTrainingStep::backward_to_lower_layers() {
  const float scale = 1.0F / static_cast<float>(samples_);
  const std::int64_t below = std::ssize(network_.encoder) - 2;
  const EncoderLayer& layer = network_.encoder.back();
  const std::int64_t decoder_kernel = network_.decoder_weight.shape()[1];
  parallel_for_tiles(context_, samples_, kConvSampleTile, [&](std::int64_t begin, std::int64_t end) {
    cpu::gradient_at_patches(winners_, network_.atoms(), decoder_kernel, residual_.maps(), scale, begin, end,
                             gradient_);
    if (below < 0) return;
    gradients_.clear(below, begin, end);
    cpu::paste_patches(winners_, gradient_, layer.weight.matrix(), layer.weight.shape()[1], begin, end,
                       gradients_.at(below));
    gradients_.mask(below, begin, end);
  });
  gradients_.propagate();
}

// Pass B, by map: rows of the last encoder layer and of the decoder.
void ConvTrainingStep::send_winner_rows(RowSink<float>& sink) {
  const auto last = static_cast<std::int64_t>(network_.encoder.size()) - 1;
  const EncoderLayer& layer = network_.encoder.back();
  const PatchTerms<float> encoder{.coefficient = gradient_,
                                  .maps = batch_.input(network_.encoder.size() - 1),
                                  .kernel = layer.weight.shape()[1]};
  const PatchTerms<float> decoder{.coefficient = winners_.value,
                                  .maps = residual_.maps(),
                                  .kernel = network_.decoder_weight.shape()[1],
                                  .scale = 1.0F / static_cast<float>(samples_)};
  const WinnerWeightRows rows{.encoder = weight_parameter(last), .decoder = decoder_parameter(network_)};
  parallel_for_tiles(context_, network_.units(), kWeightTile, [&](std::int64_t begin, std::int64_t end) {
    cpu::patch_weight_gradients(winners_, encoder, decoder, begin, end, rows, sink, grad_bias_.span());
  });
  sink.take_row(bias_parameter(last), 0, grad_bias_.span());
}

}  // namespace wta
