#pragma once
#include <functional>
#include <string>

#include "app/run_folder.h"
#include "wta/dataset.h"
#include "wta/trainer.h"

namespace wta {

/// Where a run goes and how it is executed; decides no number.
struct RunOptions {
  std::string out;
  std::int64_t threads = 0;  ///< 0: all processors
  bool resume = false;
  bool overwrite = false;
  void visit_options(OptionVisitor& visitor);
};

/// Every option of `wta train`.
struct TrainVerb {
  DataOptions data;
  ModelOptions model;
  TrainOptions training;
  RunOptions run;
  void visit_options(OptionVisitor& visitor);
};

struct TrainReport {
  TrainOutcome outcome = TrainOutcome::finished;
  TrainingSummary summary;
  std::int64_t units = 0;
  double seconds = 0;
};

/// Threads to use: the option, or every processor for 0.
[[nodiscard]] int resolve_threads(std::int64_t option);

/// Trains in the folder verb.run.out: config.toml, checkpoints/, metrics.jsonl, model.safetensors, and
/// pictures when it ends. `started` is called once, with the data loaded and the options resolved.
TrainReport run_train(const TrainVerb& verb, const TrainHooks& hooks,
                      const std::function<void(const Dataset&)>& started);

}  // namespace wta
