#include "exchange/onnx_preprocessing.h"

#include <array>
#include <vector>

#include "model/local_contrast.h"
#include "model/normalize.h"

namespace wta {
namespace {

using Kind = PreprocessStep::Kind;

const OnnxAttribute kOverSample = {.name = "axes", .value = std::vector<std::int64_t>{1}};

OnnxValue scalar(OnnxGraph& graph, const std::string& name, double value) {
  const auto narrow = static_cast<float>(value);
  return graph.add_constant(name, {}, std::span(&narrow, 1));
}

// (x - lowest) * (1 / width), cut to 0..1; a value that never changed has no width and becomes 0.
OnnxValue add_range(OnnxGraph& graph, const Preprocessing& preprocessing, const OnnxValue& x) {
  const Tensor<float>& lowest = preprocessing.lowest;
  Tensor<float> factor(lowest.shape());
  for (std::int64_t d = 0; d < factor.size(); ++d) {
    const double width = static_cast<double>(preprocessing.highest[d]) - static_cast<double>(lowest[d]);
    factor[d] = width > 0 ? static_cast<float>(1 / width) : 0;
  }
  const OnnxValue above =
      graph.add("Sub", {x, graph.add_constant("range.lowest", lowest.shape(), lowest.span())});
  const OnnxValue part = graph.add(
      "Mul", {above, graph.add_constant("range.factor", factor.shape(), std::as_const(factor).span())});
  return graph.add("Clip", {part, scalar(graph, "range.minimum", 0), scalar(graph, "range.maximum", 1)});
}

OnnxValue add_normalize(OnnxGraph& graph, const std::string& name, const OnnxValue& x) {
  const OnnxValue centred = graph.add("Sub", {x, graph.add("ReduceMean", {x}, {kOverSample})});
  const OnnxValue squares = graph.add("Mul", {centred, centred});
  const OnnxValue variance = graph.add("ReduceMean", {squares}, {kOverSample});
  const OnnxValue raised = graph.add("Add", {variance, scalar(graph, name + ".offset", kVarianceOffset)});
  return graph.add("Div", {centred, graph.add("Sqrt", {raised})});
}

// The Gaussian mean around each position of [N, C, H, W], channel by channel: down the columns, then along
// the rows.
OnnxValue add_local_mean(OnnxGraph& graph, const std::string& name, std::int64_t window,
                         std::int64_t channels, OnnxValue maps) {
  const std::vector<float> one = gaussian_weights(window);
  std::vector<float> weights;
  for (std::int64_t c = 0; c < channels; ++c) weights.insert(weights.end(), one.begin(), one.end());
  const std::int64_t pad = window / 2;
  for (const bool vertical : {true, false}) {
    const Shape kernel = vertical ? Shape{window, 1} : Shape{1, window};
    const OnnxValue filter = graph.add_constant(name + (vertical ? ".vertical" : ".horizontal"),
                                                {channels, 1, kernel[0], kernel[1]}, weights);
    const Shape pads = vertical ? Shape{pad, 0, pad, 0} : Shape{0, pad, 0, pad};
    maps = graph.add("Conv", {maps, filter},
                     {{.name = "group", .value = channels},
                      {.name = "kernel_shape", .value = kernel},
                      {.name = "pads", .value = pads}});
  }
  return maps;
}

OnnxValue add_local_step(OnnxGraph& graph, const std::string& name, const PreprocessStep& step,
                         const Shape& sample_shape, const OnnxValue& x) {
  const std::int64_t channels = sample_shape.size() == 3 ? sample_shape[2] : 1;
  const OnnxValue image = add_channels_first(graph, x, {sample_shape[0], sample_shape[1], channels});
  OnnxValue result =
      graph.add("Sub", {image, add_local_mean(graph, name + ".mean", step.window, channels, image)});
  if (step.kind == Kind::local_contrast) {
    const OnnxValue squares = graph.add("Mul", {result, result});
    const OnnxValue power = add_local_mean(graph, name + ".power", step.window, channels, squares);
    const OnnxValue raised = graph.add("Add", {power, scalar(graph, name + ".one", 1)});
    result = graph.add("Div", {result, graph.add("Sqrt", {raised})});
  }
  return add_channels_last(graph, result, element_count(sample_shape));
}

OnnxValue add_whitening(OnnxGraph& graph, const Preprocessing& preprocessing, const OnnxValue& x) {
  const Tensor<float>& matrix = preprocessing.whitening;
  const Tensor<float>& bias = preprocessing.whitening_bias;
  return graph.add("Gemm",
                   {x, graph.add_constant("zca.matrix", matrix.shape(), matrix.span()),
                    graph.add_constant("zca.bias", bias.shape(), bias.span())},
                   {{.name = "transB", .value = std::int64_t{1}}});
}

OnnxValue add_step(OnnxGraph& graph, const Preprocessing& preprocessing, std::size_t number,
                   const Shape& sample_shape, const OnnxValue& x) {
  const PreprocessStep& step = preprocessing.steps[number];
  const std::string name = "preprocess." + std::to_string(number);
  switch (step.kind) {
    case Kind::range:
      return add_range(graph, preprocessing, x);
    case Kind::normalize:
      return add_normalize(graph, name, x);
    case Kind::local_mean:
    case Kind::local_contrast:
      return add_local_step(graph, name, step, sample_shape, x);
    case Kind::zca:
      return add_whitening(graph, preprocessing, x);
  }
  return x;
}

}  // namespace

OnnxValue add_preprocessing(OnnxGraph& graph, const Preprocessing& preprocessing, const Shape& sample_shape,
                            const OnnxValue& x) {
  OnnxValue value = x;
  for (std::size_t s = 0; s < preprocessing.steps.size(); ++s) {
    value = add_step(graph, preprocessing, s, sample_shape, value);
  }
  return value;
}

OnnxValue add_channels_first(OnnxGraph& graph, const OnnxValue& x, const Shape& image) {
  const std::array<std::int64_t, 4> shape = {-1, image[0], image[1], image[2]};
  const OnnxValue images = graph.add("Reshape", {x, graph.add_constant(x + ".as_images", shape)});
  return graph.add("Transpose", {images}, {{.name = "perm", .value = std::vector<std::int64_t>{0, 3, 1, 2}}});
}

OnnxValue add_channels_last(OnnxGraph& graph, const OnnxValue& maps, std::int64_t size) {
  const OnnxValue images =
      graph.add("Transpose", {maps}, {{.name = "perm", .value = std::vector<std::int64_t>{0, 2, 3, 1}}});
  const std::array<std::int64_t, 2> shape = {-1, size};
  return graph.add("Reshape", {images, graph.add_constant(maps + ".as_rows", shape)});
}

}  // namespace wta
