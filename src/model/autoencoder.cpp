#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/rng.h"
#include "model/parameters.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

void fill_normal(Tensor<float>& tensor, double scale, std::uint64_t seed, std::uint64_t number) {
  const Rng rng(seed, Purpose::initial_weights, number);
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    tensor[i] = static_cast<float>(scale * rng.normal(static_cast<std::uint64_t>(i)));
  }
}

bool resolve_tied(const ModelOptions& options, std::size_t layers) {
  if (options.tied == "auto") return layers == 1;
  if (options.tied == "yes" && layers > 1) {
    throw InvalidArgument(
        fmt::format("tied: only a one-layer encoder can share its weights with the decoder; got arch '{}'. "
                    "Try: --untied.",
                    options.arch));
  }
  return options.tied == "yes";
}

}  // namespace

void ModelOptions::visit_options(OptionVisitor& visitor) {
  visitor.visit({.name = "arch",
                 .help = "Layers of the encoder; the linear decoder is implied.",
                 .range = "e.g. 2000fc or 1000fc-2000fc",
                 .source = "Makhzani & Frey 2015, section 2"},
                arch);
  visitor.visit({.name = "lifetime",
                 .help = "Share of the mini-batch that each hidden unit keeps in training.",
                 .range = "above 0% to 100%, or off",
                 .source = "Makhzani & Frey 2015, section 2"},
                lifetime);
  visitor.visit({.name = "tied",
                 .help = "Decoder weights are the encoder's transposed; auto ties a one-layer encoder.",
                 .range = "auto|yes|no",
                 .choices = {"auto", "yes", "no"}},
                tied);
  visitor.visit({.name = "init_scale",
                 .help = "Standard deviation of the first weights (Gaussian); biases start at 0.",
                 .range = "> 0",
                 .minimum = 1e-12,
                 .maximum = 10},
                init_scale);
}

ConstMatrixView<float> Autoencoder::atoms() const {
  return tied() ? encoder.back().weight.matrix() : decoder_weight.matrix();
}

Model make_model(const ModelOptions& options, const Shape& sample_shape, std::uint64_t seed) {
  const std::vector<std::int64_t> layers = parse_architecture(options.arch);
  const std::int64_t inputs = element_count(sample_shape);
  if (inputs < 1) {
    throw InvalidArgument(
        fmt::format("model: a sample must hold at least one value; got shape {}.", to_string(sample_shape)));
  }
  Model model;
  model.sample_shape = sample_shape;
  model.options = values_of(options, Effect::result);
  Autoencoder& network = model.network;
  network.lifetime = options.lifetime;
  std::int64_t below = inputs;
  for (const std::int64_t units : layers) {
    EncoderLayer layer{.weight = Tensor<float>({units, below}), .bias = Tensor<float>({units})};
    fill_normal(layer.weight, options.init_scale, seed, network.encoder.size());
    network.encoder.push_back(std::move(layer));
    below = units;
  }
  if (!resolve_tied(options, layers.size())) {
    network.decoder_weight = Tensor<float>({below, inputs});
    fill_normal(network.decoder_weight, options.init_scale, seed, layers.size());
  }
  network.decoder_bias = Tensor<float>({inputs});
  network.thresholds = Tensor<float>({below});
  model.usage.assign(static_cast<std::size_t>(below), 0);
  return model;
}

void centre_on(Autoencoder& network, std::span<const double> mean) {
  EncoderLayer& first = network.encoder.front();
  const ConstMatrixView<float> weight = first.weight.matrix();
  for (std::int64_t u = 0; u < weight.rows; ++u) {
    double product = 0;
    for (std::int64_t d = 0; d < weight.cols; ++d)
      product += weight(u, d) * mean[static_cast<std::size_t>(d)];
    first.bias[u] = static_cast<float>(-product);
  }
  std::ranges::transform(mean, network.decoder_bias.data(), [](double m) { return static_cast<float>(m); });
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

std::int64_t decoder_parameter(const Autoencoder& network) {
  const auto layers = static_cast<std::int64_t>(network.encoder.size());
  return network.tied() ? weight_parameter(layers - 1) : 2 * layers;
}

std::int64_t decoder_bias_parameter(const Autoencoder& network) {
  const auto layers = static_cast<std::int64_t>(network.encoder.size());
  return network.tied() ? 2 * layers : 2 * layers + 1;
}

std::vector<std::int64_t> units_by_usage(const Model& model) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(model.network.units()));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) {
    return model.usage[static_cast<std::size_t>(a)] > model.usage[static_cast<std::size_t>(b)];
  });
  return order;
}

std::int64_t parameter_count(const Model& model) {
  std::int64_t count = model.network.decoder_weight.size() + model.network.decoder_bias.size();
  for (const EncoderLayer& layer : model.network.encoder) count += layer.weight.size() + layer.bias.size();
  return count;
}

}  // namespace wta
