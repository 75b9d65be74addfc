#include "exchange/sparse_autoencoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wta/error.h"

namespace wta {
namespace {

[[noreturn]] void refuse(const std::string& format, const std::string& rule, const std::string& got) {
  throw InvalidArgument(fmt::format("{}: {}; got {}. Try: --format onnx or safetensors.", format, rule, got));
}

void require_one_rectified_layer(const Model& model, const std::string& format) {
  const Stage& stage = model.top();
  const Autoencoder& network = stage.network;
  const std::string& arch = stage.options.at("arch");
  if (model.stages.size() > 1) {
    refuse(format, "the format holds a network of one stage", fmt::format("{} stages", model.stages.size()));
  }
  if (network.convolutional() || network.encoder.size() > 1) {
    refuse(format, "the format holds one fully connected layer", fmt::format("arch '{}'", arch));
  }
  if (network.kind != NetworkKind::autoencoder) {
    refuse(format, "the format holds autoencoders", fmt::format("model '{}'", stage.options.at("model")));
  }
  const bool largest_of_linear = network.activation == Activation::identity && network.k_sparse.k > 0;
  if (network.activation != Activation::relu && !largest_of_linear) {
    refuse(format, "the format holds rectified units",
           fmt::format("activation '{}'", stage.options.at("activation")));
  }
  if (!stage.preprocessing.empty()) {
    refuse(format, "the format's samples are read as they are",
           fmt::format("preprocess '{}'", stage.options.at("preprocess")));
  }
}

// sign * encoder decoder_bias, added to the encoder's bias.
Tensor<float> shifted_bias(const SparseAutoencoder& dictionary, double sign) {
  Tensor<float> bias = dictionary.encoder_bias;
  const ConstMatrixView<float> encoder = dictionary.encoder.matrix();
  for (std::int64_t u = 0; u < encoder.rows; ++u) {
    double product = 0;
    for (std::int64_t d = 0; d < encoder.cols; ++d) {
      product += static_cast<double>(encoder(u, d)) * static_cast<double>(dictionary.decoder_bias[d]);
    }
    bias[u] = static_cast<float>(static_cast<double>(bias[u]) + sign * product);
  }
  return bias;
}

}  // namespace

SparseAutoencoder to_sparse_autoencoder(const Model& model, const std::string& format) {
  require_one_rectified_layer(model, format);
  const Autoencoder& network = model.top().network;
  SparseAutoencoder dictionary{
      .encoder = network.encoder.front().weight,
      .encoder_bias = network.encoder.front().bias,
      .decoder = network.tied() ? network.encoder.front().weight : network.decoder_weight,
      .decoder_bias = network.decoder_bias,
      .k = network.k_sparse.k_of_code(network.units())};
  if (dictionary.k == 0 && (!network.lifetime.off || network.threshold_codes)) {
    dictionary.thresholds = network.thresholds;
  }
  return dictionary;
}

Model to_model(const SparseAutoencoder& dictionary, const std::string& where) {
  const ModelOptions options{.arch = fmt::format("{}fc", dictionary.units()),
                             .lifetime = {.off = true},
                             .threshold_codes = !dictionary.thresholds.empty(),
                             .tied = "no",
                             .activation = "relu",
                             .k_sparse = dictionary.k};
  Model model = make_model(options, {dictionary.inputs()}, 0);
  Autoencoder& network = model.top().network;
  network.encoder.front() = {.weight = dictionary.encoder, .bias = dictionary.encoder_bias};
  network.decoder_weight = dictionary.decoder;
  network.decoder_bias = dictionary.decoder_bias;
  if (!dictionary.thresholds.empty()) network.thresholds = dictionary.thresholds;
  verify_model(model, where);
  return model;
}

void subtract_decoder_bias(SparseAutoencoder& dictionary) {
  dictionary.encoder_bias = shifted_bias(dictionary, -1);
}

Tensor<float> bias_of_centred_input(const SparseAutoencoder& dictionary) {
  Tensor<float> bias = shifted_bias(dictionary, 1);
  if (std::ranges::all_of(bias.span(), [](float value) { return std::isfinite(value); })) return bias;
  throw DataError(
      "export: the biases of an encoder that reads centred samples must be finite; they are beyond float32. "
      "Try: another format, or a model of smaller weights.");
}

Tensor<float> transposed(const Tensor<float>& matrix) {
  const ConstMatrixView<float> from = matrix.matrix();
  Tensor<float> result({from.cols, from.rows});
  for (std::int64_t r = 0; r < from.rows; ++r) {
    for (std::int64_t c = 0; c < from.cols; ++c) result[c * from.rows + r] = from(r, c);
  }
  return result;
}

}  // namespace wta
