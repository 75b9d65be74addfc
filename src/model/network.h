#pragma once
#include "wta/model_options.h"
#include "wta/network.h"

namespace wta {

/// Sets what the resolved options say of a network beside its shapes.
void configure(Autoencoder& network, const ModelOptions& options);

}  // namespace wta
