#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/parallel.h"
#include "kernels/linear_relu.h"
#include "kernels/sample_selection.h"
#include "model/activation.h"
#include "model/conv_codes.h"
#include "model/decode.h"
#include "model/stage_range.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

void require_inputs(const Stage& stage, std::int64_t size, const char* where) {
  if (size == stage.network.inputs()) return;
  throw DataError(fmt::format(
      "{}: a sample must have as many values as the model's inputs; got {} values, model {} ({} inputs). "
      "Try: data of the shape that the model was trained on.",
      where, size, to_string(stage.sample_shape), stage.network.inputs()));
}

// Keeps the k largest of each sample's codes; 0: all.
void keep_largest(std::int64_t k, MatrixView<float> codes) {
  if (k == 0) return;
  Tensor<std::int32_t> unit({codes.rows, k});
  Tensor<float> value({codes.rows, k});
  cpu::select_by_sample(codes, k, unit.matrix(), value.matrix());
  for (std::int64_t n = 0; n < codes.rows; ++n) {
    std::fill_n(codes.row(n), codes.cols, 0.0F);
    for (std::int64_t i = n * k; i < (n + 1) * k; ++i) codes(n, unit[i]) = value[i];
  }
}

// threshold_codes; a code of maps stands for position after position, all maps of each.
void silence_below_thresholds(const Autoencoder& network, MatrixView<float> codes) {
  for (std::int64_t n = 0; n < codes.rows; ++n) {
    for (std::int64_t i = 0; i < codes.cols; ++i) {
      float& code = codes(n, i);
      if (!(code > network.threshold(i % network.units()))) code = 0;
    }
  }
}

void run_last_layer(const Autoencoder& network, ConstMatrixView<float> input, MatrixView<float> codes) {
  const EncoderLayer& layer = network.encoder.back();
  if (network.activation == Activation::relu) {
    cpu::linear_relu_by_sample(layer.weight.matrix(), layer.bias.span(), input, codes);
    return;
  }
  cpu::linear_by_sample(layer.weight.matrix(), layer.bias.span(), input, codes);
  for (std::int64_t n = 0; n < codes.rows; ++n) activate(network.activation, codes.row_span(n));
}

// Output of every encoder layer in turn for one tile of samples, before any choice of the largest; `codes`
// takes the last.
void encode_tile(const Autoencoder& network, ConstMatrixView<float> x, MatrixView<float> codes) {
  Tensor<float> below;
  for (std::size_t l = 0; l < network.encoder.size(); ++l) {
    const EncoderLayer& layer = network.encoder[l];
    const ConstMatrixView<float> input = l == 0 ? x : std::as_const(below).matrix();
    if (l + 1 == network.encoder.size()) return run_last_layer(network, input, codes);
    Tensor<float> output({x.rows, layer.bias.size()});
    cpu::linear_relu_by_sample(layer.weight.matrix(), layer.bias.span(), input, output.matrix());
    below = std::move(output);
  }
}

void encode_stage(const Context& context, const Stage& stage, ConstMatrixView<float> x,
                  MatrixView<float> codes) {
  const Autoencoder& network = stage.network;
  if (network.convolutional()) encode_maps(context, stage, x, codes);
  if (network.convolutional() && !network.threshold_codes) return;
  parallel_for_tiles(context, x.rows, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
    const MatrixView<float> tile = codes.row_range(begin, end);
    if (!network.convolutional()) {
      encode_tile(network, x.row_range(begin, end), tile);
      keep_largest(network.k_sparse.k_of_code(tile.cols), tile);
    }
    if (network.threshold_codes) silence_below_thresholds(network, tile);
  });
}

// x itself where the model takes samples as they are; else `room` holds what comes of them.
ConstMatrixView<float> prepared(const Context& context, const Model& model, ConstMatrixView<float> x,
                                Tensor<float>& room) {
  if (model.stages.front().preprocessing.empty()) return x;
  room = Tensor<float>({x.rows, x.cols});
  prepare(context, model, x, room.matrix());
  return std::as_const(room).matrix();
}

}  // namespace

StageRange stages_of(const Model& model, const StageChoice& choice) {
  const auto count = static_cast<std::int64_t>(model.stages.size());
  if (choice.stage >= count) {
    throw InvalidArgument(fmt::format("stages: the model has {} stages; got {}. Try: top, all or 1..{}.",
                                      count, choice.stage + 1, count));
  }
  const std::size_t last = model.stages.size() - 1;
  if (choice.all) return {.first = 0, .last = last};
  const std::size_t one = choice.stage < 0 ? last : static_cast<std::size_t>(choice.stage);
  return {.first = one, .last = one};
}

StageChoice parse_stage_choice(const std::string& text) {
  if (text == "top") return {};
  if (text == "all") return {.all = true};
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size() || number < 1) {
    throw InvalidArgument(
        fmt::format("stages: must be top, all or a stage counted from 1; got '{}'. Try: top.", text));
  }
  return {.stage = number - 1};
}

std::int64_t code_size(const Model& model, const StageChoice& choice) {
  const StageRange range = stages_of(model, choice);
  std::int64_t size = 0;
  for (std::size_t s = range.first; s <= range.last; ++s) size += element_count(model.stages[s].code_shape());
  return size;
}

void encode(const Context& context, const Model& model, ConstMatrixView<float> x, MatrixView<float> codes,
            const StageChoice& choice) {
  require_inputs(model.stages.front(), x.cols, "encode");
  const StageRange range = stages_of(model, choice);
  Tensor<float> room;
  const ConstMatrixView<float> first = prepared(context, model, x, room);
  Tensor<float> below;
  std::int64_t column = 0;
  for (std::size_t s = 0; s < range.last; ++s) {
    const Stage& stage = model.stages[s];
    Tensor<float> own({x.rows, element_count(stage.code_shape())});
    encode_stage(context, stage, s == 0 ? first : std::as_const(below).matrix(), own.matrix());
    if (s >= range.first) {
      for (std::int64_t n = 0; n < x.rows; ++n)
        std::ranges::copy(own.matrix().row_span(n), codes.row(n) + column);
      column += own.row_size();
    }
    below = std::move(own);
  }
  const MatrixView<float> rest(codes.data + column, codes.rows, codes.cols - column, codes.stride);
  encode_stage(context, model.stages[range.last], range.last == 0 ? first : std::as_const(below).matrix(),
               rest);
}

void prepare(const Context& context, const Model& model, ConstMatrixView<float> x, MatrixView<float> out) {
  const Stage& stage = model.stages.front();
  require_inputs(stage, x.cols, "preprocess");
  preprocess(context, stage.preprocessing, stage.sample_shape, x, out);
}

void reconstruct(const Context& context, const Model& model, ConstMatrixView<float> samples,
                 MatrixView<float> out) {
  const Stage& stage = model.stages.front();
  require_inputs(stage, samples.cols, "reconstruct");
  Tensor<float> room;
  const ConstMatrixView<float> x = prepared(context, model, samples, room);
  if (stage.network.convolutional()) return reconstruct_maps(context, stage, x, out);
  parallel_for_tiles(context, x.rows, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
    Tensor<float> codes({end - begin, stage.network.units()});
    encode_tile(stage.network, x.row_range(begin, end), codes.matrix());
    keep_largest(stage.network.k_sparse.k, codes.matrix());
    for (std::int64_t n = begin; n < end; ++n) {
      decode_above_thresholds(stage.network, std::as_const(codes).matrix().row_span(n - begin),
                              out.row_span(n));
    }
  });
}

}  // namespace wta
