#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/parameter.h"
#include "wta/model.h"

namespace wta {

/// The trainable arrays in a fixed order: encoder.0.weight, encoder.0.bias, encoder.1.weight, ...,
/// decoder.weight (absent when tied), decoder.bias.
[[nodiscard]] std::vector<Parameter> parameters(Autoencoder& network);

/// Name of the first of them with a value that is not finite, if there is one.
[[nodiscard]] std::optional<std::string> parameter_not_finite(Autoencoder& network);

/// Numbers of the parameters in that list.
[[nodiscard]] inline std::int64_t weight_parameter(std::int64_t layer) {
  return 2 * layer;
}
[[nodiscard]] inline std::int64_t bias_parameter(std::int64_t layer) {
  return 2 * layer + 1;
}
/// The decoder's weight; the last encoder weight when tied.
[[nodiscard]] std::int64_t decoder_parameter(const Autoencoder& network);
[[nodiscard]] std::int64_t decoder_bias_parameter(const Autoencoder& network);

}  // namespace wta
