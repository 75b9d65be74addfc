#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/rng.h"
#include "model/network.h"
#include "model/parameters.h"
#include "model/pooling.h"
#include "model/shapes.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

// Stages of a stack draw from streams of their own.
constexpr std::uint64_t kStreamsPerStage = 1000;
// An untied decoder starts this much smaller than the encoder: large random atoms make the first steps push
// every activation down, and some units never come back (docs/decisions/0009).
constexpr double kDecoderScale = 0.1;

void fill_normal(Tensor<float>& tensor, double scale, std::uint64_t seed, std::uint64_t number) {
  const Rng rng(seed, Purpose::initial_weights, number);
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    tensor[i] = static_cast<float>(scale * rng.normal(static_cast<std::uint64_t>(i)));
  }
}

// A pixel that is never on must not start at minus infinity.
double log_odds(double mean) {
  constexpr double kLeast = 0.01;
  const double p = std::clamp(mean, kLeast, 1 - kLeast);
  return std::log(p / (1 - p));
}

}  // namespace

Shape code_shape(const ModelOptions& options, const Shape& sample_shape) {
  const Architecture arch = parse_architecture(options.arch);
  const std::int64_t units = arch.encoder.back().units;
  if (!arch.convolutional()) return {units};
  const Pooling pooling = parse_pool(options.pool);
  return {pooled_extent(pooling, sample_shape[0]), pooled_extent(pooling, sample_shape[1]), units};
}

Shape Stage::code_shape() const {
  if (!network.convolutional()) return {network.units()};
  const Shape& input = network.input_shape;
  return {pooled_extent(pooling, input[0]), pooled_extent(pooling, input[1]), network.units()};
}

Stage make_stage(const ModelOptions& options, const Shape& sample_shape, std::uint64_t seed,
                 std::int64_t place) {
  const ModelOptions resolved = resolve(options, sample_shape);
  const Architecture arch = parse_architecture(resolved.arch);
  Stage stage;
  stage.sample_shape = sample_shape;
  stage.options = values_of(resolved, Effect::result);
  stage.pooling = parse_pool(resolved.pool);
  stage.preprocessing = parse_preprocessing(resolved.preprocess);
  Autoencoder& network = stage.network;
  configure(network, resolved);
  network.input_shape = network_input(sample_shape, arch.convolutional());
  const std::uint64_t stream = static_cast<std::uint64_t>(place) * kStreamsPerStage;
  std::int64_t below = network.input_shape.back();
  for (const LayerSpec& spec : arch.encoder) {
    EncoderLayer layer{.weight = Tensor<float>(weight_shape(spec, below)),
                       .bias = Tensor<float>({spec.units})};
    fill_normal(layer.weight, resolved.init_scale, seed, stream + network.encoder.size());
    network.encoder.push_back(std::move(layer));
    below = spec.units;
  }
  if (resolved.tied == "no") {
    network.decoder_weight = Tensor<float>(weight_shape(decoder_spec(arch), network.input_shape.back()));
    fill_normal(network.decoder_weight, kDecoderScale * resolved.init_scale, seed,
                stream + network.encoder.size());
  }
  network.decoder_bias = Tensor<float>({network.input_shape.back()});
  network.thresholds = Tensor<float>({below});
  stage.usage.assign(static_cast<std::size_t>(below), 0);
  return stage;
}

Model make_model(const ModelOptions& options, const Shape& sample_shape, std::uint64_t seed) {
  Model model;
  model.stages.push_back(make_stage(options, sample_shape, seed));
  return model;
}

// The first layer's weights are {units, D}, or {maps, k, k, channels} where the last index repeats.
void centre_on(Autoencoder& network, std::span<const double> mean) {
  const auto channels = static_cast<std::size_t>(network.input_shape.back());
  std::vector<double> centre(channels);
  for (std::size_t d = 0; d < mean.size(); ++d) centre[d % channels] += mean[d];
  const std::size_t positions = mean.size() / channels;
  for (double& value : centre) value /= static_cast<double>(positions);
  EncoderLayer& first = network.encoder.front();
  const ConstMatrixView<float> weight = first.weight.matrix();
  for (std::int64_t u = 0; u < weight.rows; ++u) {
    double product = 0;
    for (std::int64_t d = 0; d < weight.cols; ++d) {
      product += weight(u, d) * centre[static_cast<std::size_t>(d) % channels];
    }
    first.bias[u] = static_cast<float>(-product);
  }
  const auto bias = [&](double m) { return static_cast<float>(network.rbm() ? log_odds(m) : m); };
  std::ranges::transform(centre, network.decoder_bias.data(), bias);
}

std::vector<Parameter> parameters(Autoencoder& network) {
  const auto as_row = [](Tensor<float>& bias) { return MatrixView<float>(bias.data(), 1, bias.size()); };
  std::vector<Parameter> result;
  for (std::size_t l = 0; l < network.encoder.size(); ++l) {
    result.push_back({fmt::format("encoder.{}.weight", l), network.encoder[l].weight.matrix()});
    result.push_back({fmt::format("encoder.{}.bias", l), as_row(network.encoder[l].bias)});
  }
  if (!network.tied()) result.push_back({"decoder.weight", network.decoder_weight.matrix()});
  result.push_back({"decoder.bias", as_row(network.decoder_bias)});
  return result;
}

std::optional<std::string> parameter_not_finite(Autoencoder& network) {
  for (const Parameter& parameter : parameters(network)) {
    const std::span<const float> values(
        parameter.value.data, static_cast<std::size_t>(parameter.value.rows * parameter.value.cols));
    if (!std::ranges::all_of(values, [](float v) { return std::isfinite(v); })) return parameter.name;
  }
  return std::nullopt;
}

std::int64_t decoder_parameter(const Autoencoder& network) {
  const auto layers = static_cast<std::int64_t>(network.encoder.size());
  return network.tied() ? weight_parameter(layers - 1) : 2 * layers;
}

std::int64_t decoder_bias_parameter(const Autoencoder& network) {
  const auto layers = static_cast<std::int64_t>(network.encoder.size());
  return network.tied() ? 2 * layers : 2 * layers + 1;
}

std::vector<std::int64_t> units_by_usage(const Stage& stage) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(stage.network.units()));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) {
    return stage.usage[static_cast<std::size_t>(a)] > stage.usage[static_cast<std::size_t>(b)];
  });
  return order;
}

std::int64_t parameter_count(const Model& model) {
  std::int64_t count = 0;
  for (const Stage& stage : model.stages) {
    count += stage.network.decoder_weight.size() + stage.network.decoder_bias.size();
    for (const EncoderLayer& layer : stage.network.encoder) count += layer.weight.size() + layer.bias.size();
  }
  return count;
}

}  // namespace wta
