#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/parallel.h"
#include "kernels/linear_relu.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

void require_inputs(const Model& model, std::int64_t size, const char* where) {
  if (size == model.network.inputs()) return;
  throw DataError(fmt::format(
      "{}: a sample must have as many values as the model's inputs; got {} values, model {} ({} inputs). "
      "Try: data of the shape that the model was trained on.",
      where, size, to_string(model.sample_shape), model.network.inputs()));
}

// ReLU output of every encoder layer in turn for one tile of samples; `codes` takes the last.
void encode_tile(const Autoencoder& network, ConstMatrixView<float> x, MatrixView<float> codes) {
  Tensor<float> below;
  for (std::size_t l = 0; l < network.encoder.size(); ++l) {
    const EncoderLayer& layer = network.encoder[l];
    const ConstMatrixView<float> input = l == 0 ? x : std::as_const(below).matrix();
    if (l + 1 == network.encoder.size()) {
      cpu::linear_relu_by_sample(layer.weight.matrix(), layer.bias.span(), input, codes);
      return;
    }
    Tensor<float> output({x.rows, layer.bias.size()});
    cpu::linear_relu_by_sample(layer.weight.matrix(), layer.bias.span(), input, output.matrix());
    below = std::move(output);
  }
}

// out = decoder bias + sum of code * atom over the units whose code lies above their threshold.
void decode_above_thresholds(const Autoencoder& network, std::span<const float> code, std::span<float> out) {
  std::ranges::copy(network.decoder_bias.span(), out.begin());
  const ConstMatrixView<float> atoms = network.atoms();
  for (std::int64_t u = 0; u < atoms.rows; ++u) {
    const float value = code[static_cast<std::size_t>(u)];
    if (value <= std::max(0.0F, network.thresholds[u])) continue;
    const float* atom = atoms.row(u);
    for (std::size_t d = 0; d < out.size(); ++d) out[d] += value * atom[d];
  }
}

}  // namespace

void encode(const Context& context, const Model& model, ConstMatrixView<float> x, MatrixView<float> codes) {
  require_inputs(model, x.cols, "encode");
  parallel_for_tiles(context, x.rows, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
    encode_tile(model.network, x.row_range(begin, end), codes.row_range(begin, end));
  });
}

void reconstruct(const Context& context, const Model& model, ConstMatrixView<float> x,
                 MatrixView<float> out) {
  require_inputs(model, x.cols, "reconstruct");
  parallel_for_tiles(context, x.rows, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
    Tensor<float> codes({end - begin, model.network.units()});
    encode_tile(model.network, x.row_range(begin, end), codes.matrix());
    for (std::int64_t n = begin; n < end; ++n) {
      decode_above_thresholds(model.network, std::as_const(codes).matrix().row_span(n - begin),
                              out.row_span(n));
    }
  });
}

}  // namespace wta
