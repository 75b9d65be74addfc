#include "exchange/onnx_encoder.h"

#include <fmt/format.h>

#include <array>

#include "exchange/onnx_graph.h"
#include "exchange/onnx_preprocessing.h"
#include "model/stage_range.h"
#include "wta/error.h"

namespace wta {
namespace {

// Protocol Buffers messages end there; a megabyte is left for all that is not weights.
constexpr std::int64_t kLargestWeights = (std::int64_t{1} << 31) - (std::int64_t{1} << 20);

void require_size(const Model& model) {
  std::int64_t bytes = 0;
  for (const Stage& stage : model.stages) {
    for (const EncoderLayer& layer : stage.network.encoder)
      bytes += 4 * (layer.weight.size() + layer.bias.size());
    bytes += 4 * (stage.preprocessing.whitening.size() + stage.preprocessing.lowest.size());
  }
  if (bytes <= kLargestWeights) return;
  throw InvalidArgument(fmt::format(
      "onnx: an ONNX file must stay below 2 GB; got an encoder of {} bytes. Try: --format safetensors.",
      bytes));
}

// [maps, ky, kx, channels] -> [maps, channels, ky, kx].
Tensor<float> channels_first(const Tensor<float>& weight) {
  const Shape& shape = weight.shape();
  const std::int64_t positions = shape[1] * shape[2];
  const std::int64_t channels = shape[3];
  Tensor<float> result({shape[0], channels, shape[1], shape[2]});
  for (std::int64_t m = 0; m < shape[0]; ++m) {
    for (std::int64_t p = 0; p < positions; ++p) {
      for (std::int64_t c = 0; c < channels; ++c) {
        result[(m * channels + c) * positions + p] = weight[(m * positions + p) * channels + c];
      }
    }
  }
  return result;
}

const char* operation_of(Activation activation) {
  switch (activation) {
    case Activation::relu:
      return "Relu";
    case Activation::sigmoid:
      return "Sigmoid";
    case Activation::identity:
      return "Identity";
  }
  return "Identity";
}

// One stage of the model, layer by layer.
class StageGraph {
 public:
  StageGraph(OnnxGraph& graph, const Stage& stage, std::size_t number)
      : graph_(graph), stage_(stage), prefix_(fmt::format("stages.{}.", number)) {}

  /// x [N, inputs] -> codes [N, code size]
  OnnxValue encode(const OnnxValue& x) {
    const OnnxValue codes = stage_.network.convolutional() ? maps(x) : units(x);
    return above_thresholds(largest(codes));
  }

 private:
  OnnxValue constant(const std::string& name, const Tensor<float>& values) {
    return graph_.add_constant(prefix_ + name, values.shape(), values.span());
  }

  OnnxValue activate(const OnnxValue& value, std::size_t layer) {
    const bool last = layer + 1 == stage_.network.encoder.size();
    return graph_.add(operation_of(last ? stage_.network.activation : Activation::relu), {value});
  }

  OnnxValue units(OnnxValue value) {
    for (std::size_t l = 0; l < stage_.network.encoder.size(); ++l) {
      const EncoderLayer& layer = stage_.network.encoder[l];
      const std::string name = fmt::format("encoder.{}.", l);
      value = graph_.add(
          "Gemm", {value, constant(name + "weight", layer.weight), constant(name + "bias", layer.bias)},
          {{.name = "transB", .value = std::int64_t{1}}});
      value = activate(value, l);
    }
    return value;
  }

  OnnxValue maps(const OnnxValue& x) {
    OnnxValue value = add_channels_first(graph_, x, stage_.network.input_shape);
    for (std::size_t l = 0; l < stage_.network.encoder.size(); ++l) {
      const EncoderLayer& layer = stage_.network.encoder[l];
      const std::string name = fmt::format("encoder.{}.", l);
      const std::int64_t kernel = layer.weight.shape()[1];
      const std::int64_t pad = kernel / 2;
      value = graph_.add("Conv",
                         {value, constant(name + "weight", channels_first(layer.weight)),
                          constant(name + "bias", layer.bias)},
                         {{.name = "kernel_shape", .value = Shape{kernel, kernel}},
                          {.name = "pads", .value = Shape{pad, pad, pad, pad}}});
      value = activate(value, l);
    }
    return add_channels_last(graph_, pooled(value), element_count(stage_.code_shape()));
  }

  // The last windows are cut off at the edge: what is added there never is the largest.
  OnnxValue pooled(const OnnxValue& value) {
    const auto [window, stride] = stage_.pooling;
    if (window == 0) return value;
    const Shape codes = stage_.code_shape();
    Shape pads = {0, 0, 0, 0};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      pads[2 + axis] = (codes[axis] - 1) * stride + window - stage_.network.input_shape[axis];
    }
    return graph_.add("MaxPool", {value},
                      {{.name = "kernel_shape", .value = Shape{window, window}},
                       {.name = "strides", .value = Shape{stride, stride}},
                       {.name = "pads", .value = pads}});
  }

  // k-sparse codes. Ties: the lower unit, as in the format's rule.
  OnnxValue largest(const OnnxValue& codes) {
    const std::array<std::int64_t, 1> k = {stage_.network.k_sparse.k_of_code(stage_.network.units())};
    if (k[0] == 0) return codes;
    const std::vector<OnnxValue> top =
        graph_.add_several("TopK", {codes, graph_.add_constant(prefix_ + "k", k)}, {}, 2);
    const OnnxValue zeros = graph_.add("ConstantOfShape", {graph_.add("Shape", {codes})});
    return graph_.add("ScatterElements", {zeros, top[1], top[0]},
                      {{.name = "axis", .value = std::int64_t{1}}});
  }

  // threshold_codes: a code stands for its unit at one position; thresholds repeat from position to position.
  OnnxValue above_thresholds(const OnnxValue& codes) {
    const Autoencoder& network = stage_.network;
    if (!network.threshold_codes) return codes;
    Tensor<float> thresholds({element_count(stage_.code_shape())});
    for (std::int64_t i = 0; i < thresholds.size(); ++i)
      thresholds[i] = network.threshold(i % network.units());
    const OnnxValue above = graph_.add("Greater", {codes, constant("thresholds", thresholds)});
    const OnnxValue mask = graph_.add("Cast", {above}, {{.name = "to", .value = std::int64_t{1}}});
    return graph_.add("Mul", {codes, mask});
  }

  OnnxGraph& graph_;
  const Stage& stage_;
  std::string prefix_;
};

OnnxValue add_rows(OnnxGraph& graph, const OnnxValue& x, const Shape& sample_shape) {
  if (sample_shape.size() == 1) return x;
  const std::array<std::int64_t, 2> shape = {-1, element_count(sample_shape)};
  return graph.add("Reshape", {x, graph.add_constant("x.as_rows", shape)});
}

}  // namespace

std::string to_onnx(const Model& model, const StageChoice& choice) {
  const std::int64_t size = code_size(model, choice);
  require_size(model);
  const Shape& sample_shape = model.stages.front().sample_shape;
  OnnxGraph graph("encoder");
  OnnxValue value = add_rows(graph, graph.add_input("x", sample_shape), sample_shape);
  value = add_preprocessing(graph, model.stages.front().preprocessing, sample_shape, value);
  std::vector<OnnxValue> codes;
  const auto [first, last] = stages_of(model, choice);
  for (std::size_t s = 0; s <= last; ++s) {
    value = StageGraph(graph, model.stages[s], s).encode(value);
    if (s >= first) codes.push_back(value);
  }
  if (codes.size() > 1) value = graph.add("Concat", codes, {{.name = "axis", .value = std::int64_t{1}}});
  graph.add_output("codes", value, {size});
  return graph.to_model({{"wta.architecture", model.top().options.at("arch")},
                         {"wta.data_fingerprint", model.stages.front().data_fingerprint}});
}

}  // namespace wta
