#pragma once
/// Models that are computed, not trained step by step: principal components.

#include "train/run_store.h"
#include "wta/trainer.h"

namespace wta {

/// train() of such a model: all of it is one step of one epoch, which a resumed run repeats only when its
/// checkpoint is missing.
TrainOutcome compute_model(const Context& context, const TrainOptions& options, const Samples& samples,
                           RunStore& store, const TrainHooks& hooks, Model& model);

}  // namespace wta
