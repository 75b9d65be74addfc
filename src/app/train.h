#pragma once
#include <functional>
#include <string>
#include <vector>

#include "app/run_folder.h"
#include "app/stages.h"
#include "wta/dataset.h"
#include "wta/trainer.h"

namespace wta {

/// Where a run goes and how it is executed; decides no number.
struct RunOptions {
  std::string out;
  std::int64_t threads = 0;  ///< 0: all processors
  std::string events = "on";
  bool resume = false;
  bool overwrite = false;
  void visit_options(OptionVisitor& visitor);
};

/// Every option of `wta train`.
struct TrainVerb {
  DataOptions data;
  StageOptions stage;  ///< of every stage, where `stages` says nothing else
  RunOptions run;
  std::vector<OptionValues> stages;  ///< one entry per stage of a stack; empty: a single stage
  void visit_options(OptionVisitor& visitor);
};

struct TrainReport {
  TrainOutcome outcome = TrainOutcome::finished;
  Model model;  ///< when stopped, as far as it had got: perhaps without stages
  double seconds = 0;
};

/// Who watches a training.
struct TrainObserver {
  TrainHooks hooks;
  std::function<void(const Dataset&)> on_data;  ///< once it is read, before anything is written
  std::function<void(const StageStart&)> on_stage;
};

/// Trains stage after stage in the folder verb.run.out: config.toml, checkpoints/, metrics.jsonl, event
/// files, model.safetensors, and pictures when it ends. Each stage reads the codes of those below. Everything
/// that can be refused is refused before the first step.
TrainReport run_train(const TrainVerb& verb, const TrainObserver& observer);

}  // namespace wta
