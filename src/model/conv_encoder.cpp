#include "model/conv_encoder.h"

#include <algorithm>

#include "core/parallel.h"
#include "kernels/conv_relu.h"

namespace wta {
namespace {

cpu::ConvShape conv_shape(const EncoderLayer& layer, const Shape& input) {
  const Shape& weight = layer.weight.shape();
  return {.kernel = weight[1], .in = weight[3], .out = weight[0], .height = input[0], .width = input[1]};
}

}  // namespace

ConvEncoder::ConvEncoder(const Autoencoder& network) : network_(network) {
  const Shape& input = network.input_shape;
  for (const EncoderLayer& layer : network.encoder) {
    const cpu::ConvShape shape = conv_shape(layer, input);
    filters_.emplace_back(shape);
    maps_.push_back(framed(shape.height, shape.width, shape.in, shape.kernel, filters_.back().input_tile()));
  }
  maps_.push_back(framed(input[0], input[1], network.units(), 1));
}

void ConvEncoder::prepare(const Context& context) {
  for (std::size_t l = 0; l < layers(); ++l) {
    const ConstMatrixView<float> weight = network_.encoder[l].weight.matrix();
    parallel_for_tiles(context, weight.rows, cpu::ConvFilters::kPanel,
                       [&](std::int64_t begin, std::int64_t end) { filters_[l].assign(weight, begin, end); });
  }
}

std::int64_t ConvEncoder::scratch_size() const {
  std::int64_t size = 0;
  for (const cpu::ConvFilters& filters : filters_) size = std::max(size, filters.scratch_size());
  return size;
}

void ConvEncoder::run(std::size_t layer, ConstMapsView<float> x, MapsView<float> h, float* scratch) const {
  cpu::conv_relu(filters_[layer], network_.encoder[layer].bias.span(), x, h, scratch);
}

void ConvEncoder::run_max(ConstMapsView<float> x, MatrixView<float> value, MatrixView<std::int32_t> position,
                          float* scratch) const {
  cpu::conv_relu_max(filters_.back(), network_.encoder.back().bias.span(), x, value, position, scratch);
}

ConvBuffers::ConvBuffers(const ConvEncoder& encoder, std::int64_t samples) : encoder_(encoder) {
  for (std::size_t l = 0; l <= encoder.layers(); ++l) {
    maps_.emplace_back(Shape{samples, encoder.maps(l).stored_size()});
  }
  scratch_.resize(static_cast<std::size_t>(encoder.scratch_size()));
}

MapsView<float> ConvBuffers::maps(std::size_t layer, std::int64_t samples) {
  return {maps_[layer].data(), encoder_.maps(layer), samples};
}

void copy_to_maps(ConstMatrixView<float> x, MapsView<float> maps) {
  const std::int64_t row = maps.shape.width * maps.shape.channels;
  for (std::int64_t n = 0; n < maps.samples; ++n) {
    for (std::int64_t y = 0; y < maps.shape.height; ++y) {
      std::copy_n(x.row(n) + y * row, row, maps.at(n, y, 0));
    }
  }
}

}  // namespace wta
