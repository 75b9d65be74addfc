#include "model/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/parallel.h"
#include "kernels/sigmoid.h"
#include "model/pooling.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

constexpr std::int64_t kTile = 16;

// Where in the maps a cell of the pooled ones stands: the middle of its window, which ends with the map.
std::int64_t centre(const Pooling& pooling, std::int64_t cell, std::int64_t extent) {
  if (pooling.window == 0) return cell;
  const std::int64_t begin = cell * pooling.stride;
  return (begin + std::min(begin + pooling.window, extent) - 1) / 2;
}

// out[y, x, :] += value * atom, its middle at (y, x); what lies outside is cut off.
void add_atom(const Shape& input, std::int64_t kernel, const float* atom, float value, std::int64_t y,
              std::int64_t x, std::span<float> out) {
  const std::int64_t channels = input[2];
  for (std::int64_t ky = 0; ky < kernel; ++ky) {
    const std::int64_t row = y + ky - kernel / 2;
    if (row < 0 || row >= input[0]) continue;
    const std::int64_t left = x - kernel / 2;
    const std::int64_t begin = std::max<std::int64_t>(0, -left);
    const std::int64_t end = std::min(kernel, input[1] - left);
    const float* from = atom + (ky * kernel + begin) * channels;
    float* to = out.data() + (row * input[1] + left + begin) * channels;
    for (std::int64_t i = 0; i < (end - begin) * channels; ++i) to[i] += value * from[i];
  }
}

// A code over pooled maps, [cells][maps].
struct PooledCode {
  std::span<const float> values;
  std::int64_t cells = 0;
  std::int64_t maps = 0;
  [[nodiscard]] float at(std::int64_t cell, std::int64_t map) const {
    return values[static_cast<std::size_t>(cell * maps + map)];
  }
  /// Ties: lowest cell.
  [[nodiscard]] std::int64_t largest(std::int64_t map) const {
    std::int64_t best = 0;
    for (std::int64_t cell = 1; cell < cells; ++cell) {
      if (at(cell, map) > at(best, map)) best = cell;
    }
    return best;
  }
};

void decode_maps(const Stage& stage, std::span<const float> values, std::span<float> out) {
  const Autoencoder& network = stage.network;
  const Shape& input = network.input_shape;
  const Shape pooled = stage.code_shape();
  const PooledCode code{values, pooled[0] * pooled[1], pooled[2]};
  const std::int64_t kernel = network.decoder_weight.shape()[1];
  const ConstMatrixView<float> atoms = network.atoms();
  for (std::size_t d = 0; d < out.size(); ++d) {
    out[d] = network.decoder_bias[static_cast<std::int64_t>(d) % input[2]];
  }
  for (std::int64_t map = 0; map < code.maps; ++map) {
    const std::int64_t first = network.spatial ? code.largest(map) : 0;
    const std::int64_t end = network.spatial ? first + 1 : code.cells;
    for (std::int64_t cell = first; cell < end; ++cell) {
      const float value = code.at(cell, map);
      if (!decodes(network, map, value)) continue;
      add_atom(input, kernel, atoms.row(map), value, centre(stage.pooling, cell / pooled[1], input[0]),
               centre(stage.pooling, cell % pooled[1], input[1]), out);
    }
  }
}

}  // namespace

bool decodes(const Autoencoder& network, std::int64_t unit, float code) {
  if (network.activation == Activation::identity || network.k_sparse.k > 0) return code != 0;
  return code > network.threshold(unit);
}

void decode_above_thresholds(const Autoencoder& network, std::span<const float> code, std::span<float> out) {
  std::ranges::copy(network.decoder_bias.span(), out.begin());
  const ConstMatrixView<float> atoms = network.atoms();
  for (std::int64_t u = 0; u < atoms.rows; ++u) {
    const float value = code[static_cast<std::size_t>(u)];
    if (!decodes(network, u, value)) continue;
    const float* atom = atoms.row(u);
    for (std::size_t d = 0; d < out.size(); ++d) out[d] += value * atom[d];
  }
  if (network.rbm()) cpu::sigmoid(out);
}

void decode(const Context& context, const Model& model, ConstMatrixView<float> codes, MatrixView<float> out) {
  const std::int64_t expected = code_size(model);
  if (codes.cols != expected || codes.rows != out.rows || out.cols != model.stages.front().network.inputs()) {
    throw DataError(
        fmt::format("decode: a code of the top stage has {} values; got codes [{},{}] for samples [{},{}].",
                    expected, codes.rows, codes.cols, out.rows, out.cols));
  }
  parallel_for_tiles(context, codes.rows, kTile, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> from;
    std::vector<float> to;
    for (std::int64_t n = begin; n < end; ++n) {
      from.assign(codes.row(n), codes.row(n) + codes.cols);
      for (std::size_t s = model.stages.size(); s-- > 0;) {
        const Stage& stage = model.stages[s];
        to.assign(static_cast<std::size_t>(stage.network.inputs()), 0);
        stage.network.convolutional() ? decode_maps(stage, from, to)
                                      : decode_above_thresholds(stage.network, from, to);
        std::swap(from, to);
      }
      std::ranges::copy(from, out.row(n));
    }
  });
}

}  // namespace wta
