#include "optim/schedule.h"

#include <cmath>
#include <numbers>

namespace wta {

void OptimizerOptions::visit_options(OptionVisitor& visitor) {
  visitor.visit({.name = "optimizer",
                 .help = "Rule that updates the weights.",
                 .range = "sgd|adam",
                 .source = "Kingma & Ba 2015 (adam)",
                 .choices = {"sgd", "adam"}},
                optimizer);
  visitor.visit(
      {.name = "lr",
       .help = "Largest learning rate (the loss sums over inputs and averages over samples); 0 means 0.003 "
               "for conv, 0.001 for fc or, above 1000 inputs, 1/inputs; ten times that for sgd.",
       .range = ">= 0",
       .minimum = 0},
      lr);
  visitor.visit({.name = "momentum",
                 .help = "Momentum of sgd (adam does not use it).",
                 .range = "0..1",
                 .minimum = 0,
                 .maximum = 1},
                momentum);
  visitor.visit({.name = "schedule",
                 .help = "How the learning rate moves after the warm-up.",
                 .range = "constant|step|cosine",
                 .choices = {"constant", "step", "cosine"}},
                schedule);
  visitor.visit({.name = "warmup_fraction",
                 .help = "Share of all steps over which the learning rate rises linearly from 0.",
                 .unit = "fraction",
                 .range = "0..1",
                 .minimum = 0,
                 .maximum = 1},
                warmup_fraction);
  visitor.visit({.name = "final_lr_fraction",
                 .help = "Where the cosine schedule ends, as a fraction of lr.",
                 .unit = "fraction",
                 .range = "0..1",
                 .minimum = 0,
                 .maximum = 1},
                final_lr_fraction);
}

double learning_rate_at(const OptimizerOptions& options, std::int64_t step, std::int64_t total_steps) {
  const double warmup_steps = options.warmup_fraction * static_cast<double>(total_steps);
  const auto now = static_cast<double>(step);
  if (now < warmup_steps) return options.lr * (now + 1) / (warmup_steps + 1);
  const double progress =
      (now - warmup_steps) / std::max(1.0, static_cast<double>(total_steps) - warmup_steps);
  if (options.schedule == "step") return options.lr * (progress < 0.6 ? 1.0 : progress < 0.85 ? 0.1 : 0.01);
  if (options.schedule == "cosine") {
    const double height = 0.5 * (1 + std::cos(std::numbers::pi * progress));
    return options.lr * (options.final_lr_fraction + (1 - options.final_lr_fraction) * height);
  }
  return options.lr;
}

}  // namespace wta
