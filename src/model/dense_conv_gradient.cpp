#include "model/dense_conv_gradient.h"

#include <algorithm>

#include "core/parallel.h"
#include "kernels/conv_paths.h"
#include "kernels/conv_relu.h"
#include "model/parameters.h"

namespace wta {
namespace {

// Outputs that share the transforms of the inputs, at most.
constexpr std::int64_t kMostOutputs = 64;
// Tasks of the sums, as far as samples are grouped for it: each group has sums of its own.
constexpr std::int64_t kTasks = 8;
// Outputs whose rows are finished together.
constexpr std::int64_t kFinishTile = 16;
// Time of a multiplication in Winograd's form, transforms included, in those of the listed positions: 1.1 to
// 1.7 from 64 channels on, up to 2.4 for 16 (./dev bench patch_kernels).
constexpr double kTimePerMultiplication = 1.5;

cpu::ConvShape flipped(const cpu::ConvShape& layer) {
  return {
      .kernel = layer.kernel, .in = layer.out, .out = layer.in, .height = layer.height, .width = layer.width};
}

}  // namespace

bool DenseConvGradient::exists(const cpu::ConvShape& layer) {
  return cpu::best_conv_tile(layer) > 1 && cpu::best_conv_tile(flipped(layer)) > 1;
}

DenseConvGradient::DenseConvGradient(const cpu::ConvShape& layer)
    : flipped_(flipped(layer)),
      weights_(layer, cpu::best_conv_tile(layer)),
      flipped_weight_({layer.in, layer.kernel * layer.kernel * layer.out}) {}

MapShape DenseConvGradient::gradient_shape() const {
  const cpu::ConvShape& layer = weights_.shape();
  const std::int64_t tile = std::max(weights_.tile(), flipped_.input_tile());
  return framed(layer.height, layer.width, layer.out, layer.kernel, tile);
}

bool DenseConvGradient::pays(std::int64_t touched, std::int64_t samples) const {
  const cpu::ConvShape& layer = weights_.shape();
  const std::int64_t listed = touched * layer.kernel * layer.kernel;
  const std::int64_t dense = samples * cpu::TileGrid(layer, weights_.tile()).tiles() * weights_.frequencies();
  return static_cast<double>(listed) > kTimePerMultiplication * static_cast<double>(dense);
}

// flipped [c, ky, kx, o] = weight [o, kernel - 1 - ky, kernel - 1 - kx, c].
void DenseConvGradient::prepare(const Context& context, ConstMatrixView<float> weight) {
  const cpu::ConvShape& layer = weights_.shape();
  const std::int64_t taps = layer.kernel * layer.kernel;
  parallel_for_tiles(context, layer.in, cpu::ConvFilters::kPanel, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t o = 0; o < layer.out; ++o) {
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        const float* from = weight.row(o) + (taps - 1 - tap) * layer.in;
        for (std::int64_t c = begin; c < end; ++c) flipped_weight_.matrix()(c, tap * layer.out + o) = from[c];
      }
    }
    flipped_.assign(flipped_weight_.matrix(), begin, end);
  });
}

void DenseConvGradient::grad_input(ConstMapsView<float> grad, MapsView<float> grad_x, float* scratch) const {
  cpu::conv_linear(flipped_, grad, grad_x, scratch);
}

std::int64_t DenseConvGradient::output_tile() const {
  return std::min(kMostOutputs, weights_.shape().out);
}

std::int64_t DenseConvGradient::output_tiles() const {
  return cpu::ceil_div(weights_.shape().out, output_tile());
}

std::int64_t DenseConvGradient::outputs_of(std::int64_t number) const {
  return std::min(output_tile(), weights_.shape().out - number * output_tile());
}

std::int64_t DenseConvGradient::groups() const {
  return std::max(std::int64_t{1}, kTasks / output_tiles());
}

MatrixView<float> DenseConvGradient::sums_of(std::int64_t number) {
  const std::int64_t size = weights_.sums_size(output_tile());
  return {sums_.data() + number * groups() * size, groups(), size};
}

void DenseConvGradient::sum_up(const Context& context, ConstMapsView<float> grad, ConstMapsView<float> x) {
  if (sums_.empty()) sums_ = Tensor<float>({output_tiles(), groups(), weights_.sums_size(output_tile())});
  parallel_for(context, output_tiles() * groups(), [&](std::int64_t task) {
    const std::int64_t group = task % groups();
    const std::int64_t first = group * x.samples / groups();
    const std::int64_t last = (group + 1) * x.samples / groups();
    const std::int64_t begin = task / groups() * output_tile();
    const std::int64_t end = begin + outputs_of(task / groups());
    const std::span<float> sums = sums_of(task / groups()).row_span(group);
    std::ranges::fill(sums, 0.0F);
    ScratchPool::Lease scratch = scratch_.borrow(weights_.scratch_size(output_tile()));
    weights_.add(grad.sample_range(first, last), x.sample_range(first, last), begin, end, sums.data(),
                 scratch.data());
  });
}

void DenseConvGradient::send_rows(const Context& context, ConstMapsView<float> grad, ConstMapsView<float> x,
                                  std::int64_t layer, RowSink<float>& sink) {
  sum_up(context, grad, x);
  Tensor<float> bias({weights_.shape().out});
  const std::int64_t columns = flipped_weight_.size() / weights_.shape().out;
  parallel_for_tiles(context, bias.size(), kFinishTile, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t first = begin / output_tile() * output_tile();
    ScratchPool::Lease scratch = scratch_.borrow(kFinishTile * columns);
    const MatrixView<float> rows(scratch.data(), end - begin, columns);
    weights_.finish(sums_of(begin / output_tile()), outputs_of(begin / output_tile()), begin - first,
                    end - first, rows, bias.span().subspan(static_cast<std::size_t>(begin)));
    for (std::int64_t o = begin; o < end; ++o)
      sink.take_row(weight_parameter(layer), o, rows.row_span(o - begin));
  });
  sink.take_row(bias_parameter(layer), 0, bias.span());
}

}  // namespace wta
