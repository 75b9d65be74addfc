#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/classify.h"
#include "app/paper.h"
#include "app/train.h"

namespace wta {

/// Every option of `wta reproduce`.
struct ReproduceVerb {
  std::vector<std::string> names;  ///< table1, fig1, ...; or all
  std::string out;
  bool quick = false;      ///< smaller networks, fewer epochs, one seed: the shape of the results in minutes
  std::int64_t seeds = 1;  ///< of each row of a table, from 1 on
  std::int64_t threads = 0;
};

/// One number of a table: a row and a seed.
struct ReproducedFigure {
  std::string exhibit;
  std::string label;
  std::int64_t seed = 1;
  std::string command;
  double value = 0;  ///< error or accuracy in percent, as the table has it
  double train_seconds = 0;
  double classify_seconds = 0;
};

struct ReproduceHooks {
  TrainObserver training;
  ClassifyHooks classification;
  std::function<void(const std::string& text)> on_message;
};

struct ReproduceReport {
  std::vector<ReproducedFigure> figures;
  std::vector<std::string> skipped;  ///< "fig9: svhn is not here; ..."
  bool stopped = false;
};

/// Trains what the named tables and figures need, each network once, and writes out/results.json,
/// out/README.md (our numbers beside the published ones) and out/NAME-*.png. What is there already is kept:
/// the same command goes on where it was stopped. What lacks its data set is skipped by name.
/// Throws InvalidArgument for an unknown name, or a folder that was made with another --quick.
ReproduceReport run_reproduce(const PaperCatalogue& catalogue, const ReproduceVerb& verb,
                              const ReproduceHooks& hooks);

}  // namespace wta
