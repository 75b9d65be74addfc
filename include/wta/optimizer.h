#pragma once

#include <string>

#include "wta/options.h"

namespace wta {

/// Which rule updates the weights, and how its learning rate moves during training.
struct OptimizerOptions {
  std::string optimizer = "adam";
  double lr = 0;  ///< 0: what suits network and rule (resolve in wta/trainer.h)
  double momentum = 0.9;
  std::string schedule = "cosine";
  double warmup_fraction = 0.0;
  double final_lr_fraction = 0.0;
  void visit_options(OptionVisitor& visitor);
};

}  // namespace wta
