#pragma once
#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/classify.h"
#include "app/train.h"

namespace wta {

/// One option over several values, everything else the same.
struct SweepVerb {
  std::string key;
  std::vector<std::string> values;
  TrainVerb train;         ///< run.out is the folder of the sweep; its runs lie in it, as KEY=VALUE
  ClassifyVerb classify;   ///< labels and subsets; run and data follow from the run
  bool classifies = true;  ///< where the data have labels
};

/// "KEY=V1,V2,...": key and values. Throws InvalidArgument when a part is missing or a value is given twice.
struct SweepAxis {
  std::string key;
  std::vector<std::string> values;
};
[[nodiscard]] SweepAxis parse_sweep_axis(const std::string& text);

/// What one value led to.
struct SweepRow {
  std::string value;
  std::string run;  ///< folder
  TrainingSummary summary;
  std::optional<ClassifyReport> classification;
  double train_seconds = 0;
};

struct SweepHooks {
  TrainObserver training;
  ClassifyHooks classification;
  std::function<void(const std::string& value)> on_value;
  std::function<void(const SweepRow&)> on_row;
};

struct SweepReport {
  std::vector<SweepRow> rows;  ///< fewer than there are values when it was stopped
  bool stopped = false;
};

/// Trains and classifies value after value, then writes sweep.md, sweep.json and sweep.png (the most used
/// atoms, a row of the picture per value) into the folder. With run.resume, what is complete is not done
/// again. Every value is checked before the first run. Throws as run_train and run_classify.
SweepReport run_sweep(const SweepVerb& verb, const SweepHooks& hooks);

}  // namespace wta
