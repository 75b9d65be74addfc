#include "model/conv_gradients.h"

#include <algorithm>
#include <numeric>

#include "core/parallel.h"
#include "kernels/paste_patches.h"
#include "model/parameters.h"

namespace wta {
namespace {

// Outputs whose weight gradients are computed together.
constexpr std::int64_t kOutputTile = 32;
// Samples of a call of the dense path: so many tiles of 4 x 4 are in flight at least, if the batch has them.
constexpr std::int64_t kDensePositions = 1600;

}  // namespace

ConvGradients::ConvGradients(const Context& context, const Autoencoder& network, ConvBatch& batch,
                             std::int64_t top)
    : context_(context), network_(network), batch_(batch), layers_(static_cast<std::size_t>(top + 1)) {
  for (std::int64_t l = 0; l <= top; ++l) {
    const cpu::ConvShape& shape = batch.encoder().shape(static_cast<std::size_t>(l));
    const std::int64_t above = l + 1 < std::ssize(network.encoder) ? kernel(l + 1) : 1;
    layer(l).shape = framed(shape.height, shape.width, shape.out, above);
    if (!DenseConvGradient::exists(shape)) continue;
    layer(l).dense = std::make_unique<DenseConvGradient>(shape);
    layer(l).shape = joined(layer(l).shape, layer(l).dense->gradient_shape());
  }
}

void ConvGradients::resize(std::int64_t samples) {
  if (samples == samples_) return;
  samples_ = samples;
  for (Layer& layer : layers_) {
    layer.gradient = Tensor<float>({samples, layer.shape.stored_size()});
    layer.touched = Tensor<std::int32_t>({samples, layer.shape.positions()});
    layer.count.assign(static_cast<std::size_t>(samples), 0);
  }
}

MapsView<float> ConvGradients::at(std::int64_t number) {
  return {layer(number).gradient.data(), layer(number).shape, samples_};
}

ConstMatrixView<float> ConvGradients::weight(std::int64_t number) const {
  return network_.encoder[static_cast<std::size_t>(number)].weight.matrix();
}

std::int64_t ConvGradients::kernel(std::int64_t number) const {
  return network_.encoder[static_cast<std::size_t>(number)].weight.shape()[1];
}

ListedMaps<float> ConvGradients::listed(std::int64_t number) {
  return {at(number), {layer(number).touched.matrix(), layer(number).count}};
}

void ConvGradients::clear(std::int64_t number, std::int64_t begin, std::int64_t end) {
  const MapsView<float> grad = at(number).sample_range(begin, end);
  std::fill_n(grad.data, grad.samples * grad.shape.stored_size(), 0.0F);
}

void ConvGradients::mask(std::int64_t number, std::int64_t begin, std::int64_t end) {
  const MapsView<float> grad = at(number).sample_range(begin, end);
  const auto count = std::span(layer(number).count)
                         .subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  cpu::mask_touched(batch_.output(static_cast<std::size_t>(number)).sample_range(begin, end), grad,
                    layer(number).touched.matrix().row_range(begin, end), count);
  if (layer(number).dense != nullptr) clear_frame(grad);
}

bool ConvGradients::goes_dense(std::int64_t number) const {
  const std::vector<std::int64_t>& count = layer(number).count;
  const std::int64_t touched = std::accumulate(count.begin(), count.end(), std::int64_t{0});
  return layer(number).dense != nullptr && layer(number).dense->pays(touched, samples_);
}

void ConvGradients::propagate() {
  for (std::int64_t l = std::ssize(layers_) - 1; l > 0; --l)
    goes_dense(l) ? propagate_dense(l) : propagate_touched(l);
}

void ConvGradients::propagate_touched(std::int64_t number) {
  parallel_for_tiles(context_, samples_, kConvSampleTile, [&](std::int64_t begin, std::int64_t end) {
    clear(number - 1, begin, end);
    cpu::conv_grad_input(listed(number).sample_range(begin, end), weight(number), kernel(number),
                         at(number - 1).sample_range(begin, end));
    mask(number - 1, begin, end);
  });
}

void ConvGradients::propagate_dense(std::int64_t number) {
  DenseConvGradient& dense = *layer(number).dense;
  dense.prepare(context_, weight(number));
  const std::int64_t tile = std::max(kConvSampleTile, kDensePositions / layer(number).shape.positions());
  parallel_for_tiles(context_, samples_, tile, [&](std::int64_t begin, std::int64_t end) {
    ScratchPool::Lease scratch = scratch_.borrow(dense.input_scratch_size());
    dense.grad_input(at(number).sample_range(begin, end), at(number - 1).sample_range(begin, end),
                     scratch.data());
    mask(number - 1, begin, end);
  });
}

void ConvGradients::send_rows(RowSink<float>& sink) {
  for (std::int64_t l = 0; l < std::ssize(layers_); ++l) {
    if (goes_dense(l)) {
      layer(l).dense->send_rows(context_, at(l), batch_.input(static_cast<std::size_t>(l)), l, sink);
    } else {
      send_touched_rows(l, sink);
    }
  }
}

void ConvGradients::send_touched_rows(std::int64_t number, RowSink<float>& sink) {
  const ConstMapsView<float> x = batch_.input(static_cast<std::size_t>(number));
  const std::int64_t outputs = weight(number).rows;
  const std::int64_t columns = weight(number).cols;
  Tensor<float> bias({outputs});
  parallel_for_tiles(context_, outputs, kOutputTile, [&](std::int64_t begin, std::int64_t end) {
    ScratchPool::Lease scratch = scratch_.borrow(kOutputTile * columns);
    const MatrixView<float> rows(scratch.data(), end - begin, columns);
    cpu::conv_grad_weight(listed(number), x, kernel(number), begin, end, rows, bias.span());
    for (std::int64_t o = begin; o < end; ++o)
      sink.take_row(weight_parameter(number), o, rows.row_span(o - begin));
  });
  sink.take_row(bias_parameter(number), 0, bias.span());
}

}  // namespace wta
