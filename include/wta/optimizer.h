#pragma once

#include <string>

#include "wta/options.h"

namespace wta {

/// Which rule updates the weights, and how its learning rate moves during training.
struct OptimizerOptions {
  std::string optimizer = "adam";
  double lr = 1e-3;
  double momentum = 0.9;
  std::string schedule = "cosine";
  double warmup_fraction = 0.0;
  double final_lr_fraction = 0.0;
  void visit_options(OptionVisitor& visitor);
};

}  // namespace wta
