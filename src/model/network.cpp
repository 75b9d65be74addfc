#include "model/network.h"

#include <utility>

namespace wta {
namespace {

NetworkKind kind_of(const std::string& model) {
  if (model == "rbm") return NetworkKind::rbm;
  return model == "wta-rbm" ? NetworkKind::wta_rbm : NetworkKind::autoencoder;
}

}  // namespace

ConstMatrixView<float> Autoencoder::atoms() const {
  return tied() ? encoder.back().weight.matrix() : decoder_weight.matrix();
}

Shape Autoencoder::atom_shape() const {
  const Shape& rows = tied() ? encoder.back().weight.shape() : decoder_weight.shape();
  return {rows.begin() + 1, rows.end()};
}

void configure(Autoencoder& network, const ModelOptions& options) {
  network.kind = kind_of(options.model);
  network.activation = network.rbm() ? Activation::sigmoid : Activation::relu;
  network.lifetime = options.lifetime;
  network.spatial = options.spatial == "yes";
  network.input_dropout = options.input_dropout;
  network.hidden_dropout = options.hidden_dropout;
  network.divergence = {.steps = options.cd_steps, .weight_decay = options.weight_decay};
}

}  // namespace wta
