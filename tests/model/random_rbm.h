#pragma once
#include <cmath>

#include "support/random_tensor.h"
#include "wta/model.h"

namespace wta::testing_support {

// An RBM with biases and weights that matter.
inline Model random_rbm(ModelOptions options, std::int64_t inputs) {
  options.init_scale = 0.5;
  Model model = make_model(options, {inputs}, 3);
  Autoencoder& network = model.top().network;
  network.encoder[0].bias = random_tensor({network.units()}, 7);
  network.decoder_bias = random_tensor({inputs}, 8);
  for (float& value : network.encoder[0].bias.span()) value -= 0.7F;
  for (float& value : network.decoder_bias.span()) value -= 0.3F;
  return model;
}

inline double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace wta::testing_support
