#include "model/conv_batch.h"

#include <algorithm>

#include "core/parallel.h"
#include "kernels/conv_relu.h"
#include "model/parameters.h"

namespace wta {
namespace {

// Outputs whose weight gradients are computed together.
constexpr std::int64_t kOutputTile = 32;

}  // namespace

ConvBatch::ConvBatch(const Context& context, Autoencoder& network)
    : context_(context), network_(network), encoder_(network) {}

void ConvBatch::resize(std::int64_t samples) {
  if (samples == samples_) return;
  samples_ = samples;
  const std::size_t layers = encoder_.layers();
  const bool keeps_last = !network_.spatial;
  maps_.assign(layers + 1, {});
  gradients_.assign(layers + 1, {});
  touched_.assign(layers, {});
  touched_count_.assign(layers, std::vector<std::int64_t>(static_cast<std::size_t>(samples)));
  for (std::size_t l = 0; l <= layers; ++l) {
    if (l == layers && !keeps_last) break;
    const Shape shape{samples, encoder_.maps(l).stored_size()};
    maps_[l] = Tensor<float>(shape);
    if (l == 0) continue;
    gradients_[l] = Tensor<float>(shape);
    touched_[l - 1] = Tensor<std::int32_t>({samples, encoder_.maps(l).positions()});
  }
}

void ConvBatch::forward_lower(ConstMatrixView<float> x) {
  encoder_.prepare(context_);
  parallel_for_tiles(context_, samples_, kConvSampleTile, [&](std::int64_t begin, std::int64_t end) {
    copy_to_maps(x.row_range(begin, end), input(0).sample_range(begin, end));
  });
  for (std::size_t l = 0; l + 1 < encoder_.layers(); ++l) {
    parallel_for_tiles(context_, samples_, encoder_.block_samples(l),
                       [&](std::int64_t begin, std::int64_t end) {
                         ScratchPool::Lease scratch = scratch_.borrow(encoder_.scratch_size());
                         encoder_.run(l, input(l).sample_range(begin, end),
                                      output(l).sample_range(begin, end), scratch.data());
                       });
  }
}

void ConvBatch::forward_max(MatrixView<float> value, MatrixView<std::int32_t> position) {
  const std::size_t last = encoder_.layers() - 1;
  parallel_for_tiles(context_, samples_, encoder_.block_samples(last),
                     [&](std::int64_t begin, std::int64_t end) {
                       ScratchPool::Lease scratch = scratch_.borrow(encoder_.scratch_size());
                       encoder_.run_max(input(last).sample_range(begin, end), value.row_range(begin, end),
                                        position.row_range(begin, end), scratch.data());
                     });
}

void ConvBatch::forward_last() {
  const std::size_t last = encoder_.layers() - 1;
  parallel_for_tiles(context_, samples_, encoder_.block_samples(last),
                     [&](std::int64_t begin, std::int64_t end) {
                       ScratchPool::Lease scratch = scratch_.borrow(encoder_.scratch_size());
                       encoder_.run(last, input(last).sample_range(begin, end),
                                    output(last).sample_range(begin, end), scratch.data());
                     });
}

PositionLists ConvBatch::lists(std::size_t layer) const {
  return {touched_[layer].matrix(), touched_count_[layer]};
}

void ConvBatch::propagate(std::size_t top, std::int64_t begin, std::int64_t end) {
  for (std::size_t l = top + 1; l-- > 0;) {
    const MapsView<float> grad = gradient(l).sample_range(begin, end);
    const auto count = std::span(touched_count_[l])
                           .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    cpu::mask_touched(output(l).sample_range(begin, end), grad, touched_[l].matrix().row_range(begin, end),
                      count);
    if (l == 0) return;
    const EncoderLayer& layer = network_.encoder[l];
    cpu::conv_grad_input({grad, lists(l).sample_range(begin, end)}, layer.weight.matrix(),
                         layer.weight.shape()[1], gradient(l - 1).sample_range(begin, end));
  }
}

void ConvBatch::send_rows(std::size_t top, RowSink<float>& sink) {
  for (std::size_t l = 0; l <= top; ++l) {
    const auto number = static_cast<std::int64_t>(l);
    const EncoderLayer& layer = network_.encoder[l];
    const ConstMatrixView<float> weight = layer.weight.matrix();
    Tensor<float> bias({weight.rows});
    const ListedMaps<float> grad{gradient(l), lists(l)};
    parallel_for_tiles(context_, weight.rows, kOutputTile, [&](std::int64_t begin, std::int64_t end) {
      ScratchPool::Lease scratch = scratch_.borrow(kOutputTile * weight.cols);
      const MatrixView<float> rows(scratch.data(), end - begin, weight.cols);
      cpu::conv_grad_weight(grad, input(l), layer.weight.shape()[1], begin, end, rows, bias.span());
      for (std::int64_t o = begin; o < end; ++o)
        sink.take_row(weight_parameter(number), o, rows.row_span(o - begin));
    });
    sink.take_row(bias_parameter(number), 0, bias.span());
  }
}

void ConvBatch::clear_gradients(std::size_t top, std::int64_t begin, std::int64_t end) {
  for (std::size_t l = 0; l <= top; ++l) {
    const MapsView<float> grad = gradient(l).sample_range(begin, end);
    std::fill_n(grad.data, grad.samples * grad.shape.stored_size(), 0.0F);
  }
}

}  // namespace wta
