#include <algorithm>

#include "wta/trainer.h"

namespace wta {

void TrainOptions::visit_options(OptionVisitor& visitor) {
  visitor.visit({.name = "epochs",
                 .help = "Passes over the training data; 0 means 100 for fc, 10 for conv.",
                 .unit = "epochs",
                 .range = ">= 0",
                 .minimum = 0,
                 .maximum = 1e9},
                epochs);
  visitor.visit({.name = "batch",
                 .help = "Samples per step, over which units compete; 0 means min(100, samples).",
                 .unit = "samples",
                 .range = ">= 0",
                 .source = "Makhzani & Frey 2015",
                 .minimum = 0,
                 .maximum = 2e9},
                batch);
  visitor.visit({.name = "seed",
                 .help = "Key of every random draw: first weights, order of samples, held-out data.",
                 .range = ">= 0",
                 .minimum = 0},
                seed);
  optimizer.visit_options(visitor);
  visitor.visit({.name = "checkpoint_seconds",
                 .help = "Time between checkpoints; 0 saves after every step.",
                 .unit = "seconds",
                 .range = ">= 0",
                 .effect = Effect::run,
                 .minimum = 0},
                checkpoint_seconds);
}

namespace {

// A step of Adam changes what a unit adds up by the rate times the inputs: with thousands of them, the rate
// of a thousand switches every unit off for good.
double fc_rate(std::int64_t inputs) {
  constexpr double kAdamRate = 1e-3;
  constexpr double kInputs = 1000;
  return kAdamRate * std::min(1.0, kInputs / static_cast<double>(inputs));
}

}  // namespace

TrainOptions resolve(TrainOptions options, std::int64_t inputs, bool convolutional) {
  constexpr std::int64_t kFcEpochs = 100;
  constexpr std::int64_t kConvEpochs = 10;
  constexpr double kConvAdamRate = 3e-3;
  constexpr double kSgdFactor = 10;
  if (options.epochs == 0) options.epochs = convolutional ? kConvEpochs : kFcEpochs;
  if (options.optimizer.lr == 0) {
    options.optimizer.lr = convolutional ? kConvAdamRate : fc_rate(inputs);
    if (options.optimizer.optimizer == "sgd") options.optimizer.lr *= kSgdFactor;
  }
  return options;
}

}  // namespace wta
