#pragma once
/// The options of training on the command line, for every verb that trains.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app/train.h"
#include "cli/option_flags.h"
#include "cli/progress.h"
#include "wta/classifier.h"

namespace wta::cli {

class TrainArguments {
 public:
  /// Adds a flag per option, --recipe, --set, --tied, --untied, --spatial and --no-spatial.
  void add(CLI::App& command);
  /// Defaults < recipe < flags < --set. A resumed run starts from its own config.toml.
  [[nodiscard]] TrainVerb resolve() const;

 private:
  OptionFlags flags_;
  std::string recipe_;
  std::vector<std::string> assignments_;
  bool tied_ = false;
  bool untied_ = false;
  bool spatial_ = false;
  bool no_spatial_ = false;
};

/// Says where training runs and on what, and shows how far it is. The display must outlive what is returned.
[[nodiscard]] TrainObserver watch_training(const TrainVerb& verb, ProgressDisplay& display);

/// A line of the classifier's progress on a terminal; false once a signal asks to stop.
[[nodiscard]] SvmProgress watch_classifier();

}  // namespace wta::cli
