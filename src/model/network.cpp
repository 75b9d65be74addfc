#include "model/network.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace wta {
namespace {

NetworkKind kind_of(const std::string& model) {
  if (model == "rbm") return NetworkKind::rbm;
  if (model == "wta-rbm") return NetworkKind::wta_rbm;
  return model == "pca" ? NetworkKind::pca : NetworkKind::autoencoder;
}

Activation activation_of(const std::string& name) {
  if (name == "sigmoid") return Activation::sigmoid;
  return name == "identity" ? Activation::identity : Activation::relu;
}

}  // namespace

std::int64_t SampleSparsity::k_at(double progress) const {
  if (start == 0) return k;
  const double way = std::min(1.0, 2 * progress);
  return std::llround(static_cast<double>(start) + way * static_cast<double>(k - start));
}

std::int64_t SampleSparsity::k_of_code(std::int64_t units) const {
  return std::min(units, static_cast<std::int64_t>(std::llround(code_factor * static_cast<double>(k))));
}

ConstMatrixView<float> Autoencoder::atoms() const {
  return tied() ? encoder.back().weight.matrix() : decoder_weight.matrix();
}

Shape Autoencoder::atom_shape() const {
  const Shape& rows = tied() ? encoder.back().weight.shape() : decoder_weight.shape();
  return {rows.begin() + 1, rows.end()};
}

void configure(Autoencoder& network, const ModelOptions& options) {
  network.kind = kind_of(options.model);
  network.activation = activation_of(options.activation);
  network.lifetime = options.lifetime;
  network.spatial = options.spatial == "yes";
  network.threshold_codes = options.threshold_codes;
  network.input_dropout = options.input_dropout;
  network.hidden_dropout = options.hidden_dropout;
  network.divergence = {.steps = options.cd_steps,
                        .persistent = options.cd_persistent,
                        .competing = network.kind == NetworkKind::wta_rbm && options.cd_competition == "both",
                        .weight_decay = options.weight_decay};
  network.k_sparse = {
      .k = options.k_sparse, .start = options.k_sparse_start, .code_factor = options.k_sparse_alpha};
  network.kl = {.weight = options.kl_weight, .target = options.kl_target};
}

}  // namespace wta
