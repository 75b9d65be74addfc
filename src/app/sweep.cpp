#include "app/sweep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/recipes.h"
#include "io/atomic_file.h"
#include "train/run_store.h"
#include "wta/error.h"
#include "wta/report.h"

namespace wta {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr std::int64_t kAtomsPerRow = 16;

// A folder's name: pool=5/3 has a separator.
fs::path folder_of(const SweepVerb& verb, const std::string& value) {
  std::string name = fmt::format("{}={}", verb.key, value);
  std::ranges::replace(name, '/', '_');
  return fs::path(verb.train.run.out) / name;
}

TrainVerb training_of(const SweepVerb& verb, const std::string& value) {
  TrainVerb train = verb.train;
  override_option(train, verb.key, value);
  train.run.out = folder_of(verb, value).string();
  train.run.resume = verb.train.run.resume && fs::exists(RunFolder{train.run.out}.config());
  return train;
}

bool has_labels(const Dataset& dataset) {
  return std::ranges::any_of(dataset.train.labels, [](std::int32_t label) { return label >= 0; });
}

// Trains one value; nullopt when it was stopped.
std::optional<SweepRow> train_value(const SweepVerb& verb, const std::string& value, const SweepHooks& hooks,
                                    bool& labelled) {
  const TrainVerb train = training_of(verb, value);
  TrainObserver observer = hooks.training;
  observer.on_data = [&](const Dataset& dataset) {
    labelled = has_labels(dataset);
    if (hooks.training.on_data) hooks.training.on_data(dataset);
  };
  const TrainReport report = run_train(train, observer);
  if (report.outcome == TrainOutcome::stopped) return std::nullopt;
  return SweepRow{.value = value,
                  .run = train.run.out,
                  .summary = report.model.top().summary,
                  .classification = {},
                  .train_seconds = report.seconds};
}

ordered_json to_json(const SweepVerb& verb, const SweepReport& report) {
  ordered_json rows = ordered_json::array();
  for (const SweepRow& row : report.rows) {
    ordered_json entry = {{"value", row.value},
                          {"run", row.run},
                          {"loss", row.summary.loss},
                          {"explained_variance", row.summary.explained_variance},
                          {"active_fraction", row.summary.active_fraction},
                          {"dead_units", row.summary.dead_units},
                          {"train_seconds", row.train_seconds}};
    if (row.classification) {
      entry["test_error_percent"] = row.classification->test_error_percent;
      entry["test_error_std"] = row.classification->test_error_std;
      entry["n_train"] = row.classification->n_train;
    }
    rows.push_back(std::move(entry));
  }
  return {{"key", verb.key}, {"rows", std::move(rows)}};
}

std::string to_markdown(const SweepVerb& verb, const SweepReport& report) {
  std::string text = fmt::format(
      "| {} | test error % | explained variance | active % | dead | training s |\n"
      "| --- | --- | --- | --- | --- | --- |\n",
      verb.key);
  for (const SweepRow& row : report.rows) {
    const std::string error =
        row.classification ? fmt::format("{:.2f}", row.classification->test_error_percent) : "";
    text += fmt::format("| {} | {} | {:.3f} | {:.1f} | {} | {:.0f} |\n", row.value, error,
                        row.summary.explained_variance, 100 * row.summary.active_fraction,
                        row.summary.dead_units, row.train_seconds);
  }
  return text;
}

std::vector<Picture> most_used_atoms(const fs::path& run) {
  const Model model = load_model(run);
  const AtomPictures atoms = project_atoms(model, 0);
  std::vector<Picture> pictures;
  for (const std::int64_t unit : units_by_usage(model.stages.front())) {
    if (std::ssize(pictures) == kAtomsPerRow) break;
    pictures.push_back(atom_picture(atoms, unit));
  }
  return pictures;
}

void write_report(const SweepVerb& verb, const SweepReport& report) {
  const fs::path folder = verb.train.run.out;
  write_text(folder / "sweep.json", to_json(verb, report).dump(2) + "\n");
  write_text(folder / "sweep.md", to_markdown(verb, report));
  PictureTable pictures;
  for (const SweepRow& row : report.rows) pictures.push_back(most_used_atoms(row.run));
  draw_table(folder / "sweep.png", pictures);
}

// A value that no option takes is refused before the first run.
void require_values(const SweepVerb& verb) {
  if (verb.train.run.out.empty())
    throw InvalidArgument("out: a sweep needs a folder; got none. Try: --out sweeps/first.");
  for (const std::string& value : verb.values) {
    const TrainVerb train = training_of(verb, value);
    if (!train.run.resume && !train.run.overwrite && fs::exists(RunFolder{train.run.out}.config())) {
      throw InvalidArgument(
          fmt::format("out: {} holds a run. Try: --resume, --overwrite or another --out.", train.run.out));
    }
  }
}

}  // namespace

SweepAxis parse_sweep_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  SweepAxis axis{.key = text.substr(0, std::min(equals, text.size())), .values = {}};
  for (std::size_t begin = equals; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin + 1), text.size());
    axis.values.push_back(text.substr(begin + 1, end - begin - 1));
    begin = end;
  }
  std::ranges::replace(axis.key, '-', '_');
  std::vector<std::string> sorted = axis.values;
  std::ranges::sort(sorted);
  const bool twice = std::ranges::adjacent_find(sorted) != sorted.end();
  if (!axis.key.empty() && !sorted.empty() && !sorted.front().empty() && !twice) return axis;
  throw InvalidArgument(fmt::format(
      "sweep: must be KEY=V1,V2,... with different values; got '{}'. Try: lifetime=30%,10%,5%.", text));
}

SweepReport run_sweep(const SweepVerb& verb, const SweepHooks& hooks) {
  require_values(verb);
  const FileLock lock = lock_run(verb.train.run.out, hooks.training.hooks.on_warning);
  SweepReport report;
  for (const std::string& value : verb.values) {
    if (hooks.on_value) hooks.on_value(value);
    bool labelled = false;
    std::optional<SweepRow> row = train_value(verb, value, hooks, labelled);
    if (!row) {
      report.stopped = true;
      return report;
    }
    if (verb.classifies && labelled) {
      ClassifyVerb classify = verb.classify;
      classify.run = row->run;
      classify.threads = verb.train.run.threads;
      row->classification = run_classify(classify, hooks.classification);
    }
    if (hooks.on_row) hooks.on_row(*row);
    report.rows.push_back(std::move(*row));
  }
  write_report(verb, report);
  return report;
}

}  // namespace wta
