#include "app/reproduce.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/codes.h"
#include "app/info.h"
#include "app/maps.h"
#include "app/reproduce_report.h"
#include "train/run_store.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

std::vector<const PaperExhibit*> exhibits_of(const PaperCatalogue& catalogue,
                                             const std::vector<std::string>& names) {
  std::vector<const PaperExhibit*> result;
  for (const std::string& name : names) {
    if (name != "all") {
      result.push_back(&catalogue.exhibit(name));
      continue;
    }
    for (const PaperExhibit& exhibit : catalogue.exhibits) result.push_back(&exhibit);
  }
  return result;
}

std::string command_of(const PaperTraining& training, bool quick, std::int64_t seed) {
  std::string text = "wta train --recipe " + training.recipe;
  OptionValues options = training.options;
  if (quick) {
    for (const auto& [name, value] : training.quick) options[name] = value;
  }
  for (const auto& [name, value] : options) text += fmt::format(" --set {}={}", name, value);
  return text + fmt::format(" --seed {}", seed);
}

std::string classify_options(const PaperRow& row) {
  std::string text;
  if (row.features != "codes") text += " --features " + row.features;
  if (row.stages != "top") text += " --stages " + row.stages;
  if (row.labels > 0) text += fmt::format(" --labels {}", row.labels);
  return text;
}

bool is_named(const std::string& data) {
  const std::vector<DatasetInfo> known = known_datasets();
  return std::ranges::any_of(known, [&](const DatasetInfo& info) { return info.name == data; });
}

// Empty where the data of a training are here, else why not.
std::string missing_data(const PaperTraining& training) {
  const std::string data = training_verb(training, false).data.data;
  if (!is_named(data) || is_available(data)) return "";
  return fmt::format("{} is not here; see: wta data info {}", data, data);
}

// One call of run_reproduce.
class Reproduction {
 public:
  Reproduction(const PaperCatalogue& catalogue, const ReproduceVerb& verb, const ReproduceHooks& hooks)
      : catalogue_(catalogue), verb_(verb), hooks_(hooks) {}

  ReproduceReport run() {
    const std::vector<const PaperExhibit*> exhibits = exhibits_of(catalogue_, verb_.names);
    const FileLock lock = lock_run(verb_.out, hooks_.training.hooks.on_warning);
    results_ = load_results(verb_.out, verb_.quick);
    fs::create_directories(fs::path(verb_.out) / "runs");
    for (const PaperExhibit* exhibit : exhibits) {
      if (!reproduce_rows(*exhibit) || !reproduce_parts(*exhibit)) {
        report_.stopped = true;
        break;
      }
    }
    report_.figures = results_.figures;
    report_.skipped = results_.skipped;
    return report_;
  }

 private:
  void say(const std::string& text) {
    if (hooks_.on_message) hooks_.on_message(text);
  }

  void skip(const std::string& what, const std::string& why) {
    const std::string text = fmt::format("{}: {}", what, why);
    say("skipped " + text);
    if (std::ranges::find(results_.skipped, text) == results_.skipped.end()) results_.skipped.push_back(text);
    save_results(catalogue_, verb_.out, verb_.quick, results_);
  }

  [[nodiscard]] fs::path run_folder(const std::string& training, std::int64_t seed) const {
    return fs::path(verb_.out) / "runs" / fmt::format("{}-seed{}", training, seed);
  }

  // Trains once, or goes on; false when it was stopped.
  bool require_run(const std::string& name, std::int64_t seed) {
    const PaperTraining& training = catalogue_.training(name);
    const fs::path run = run_folder(name, seed);
    const std::string key = run.filename().string();
    if (results_.train_seconds.contains(key)) return true;
    TrainVerb train = training_verb(training, verb_.quick);
    train.stage.training.seed = seed;
    train.run = {
        .out = run.string(), .threads = verb_.threads, .resume = fs::exists(RunFolder{run}.config())};
    say(fmt::format("training {}: {}", key, command_of(training, verb_.quick, seed)));
    const TrainReport report = run_train(train, hooks_.training);
    if (report.outcome == TrainOutcome::stopped) return false;
    results_.train_seconds[key] = report.seconds;
    save_results(catalogue_, verb_.out, verb_.quick, results_);
    return true;
  }

  bool reproduce_rows(const PaperExhibit& exhibit) {
    for (const PaperRow& row : exhibit.rows) {
      if (row.training.empty()) continue;
      if (const std::string why = missing_data(catalogue_.training(row.training)); !why.empty()) {
        skip(exhibit.name + ", " + row.label, why);
        continue;
      }
      for (std::int64_t seed = 1; seed <= (verb_.quick ? 1 : verb_.seeds); ++seed) {
        if (!reproduce_row(exhibit, row, seed)) return false;
      }
    }
    return true;
  }

  bool reproduce_row(const PaperExhibit& exhibit, const PaperRow& row, std::int64_t seed) {
    const bool done = std::ranges::any_of(results_.figures, [&](const ReproducedFigure& figure) {
      return figure.exhibit == exhibit.name && figure.label == row.label && figure.seed == seed;
    });
    if (done) return true;
    if (!require_run(row.training, seed)) return false;
    const fs::path run = run_folder(row.training, seed);
    ClassifyVerb classify;
    classify.run = run;
    classify.labels = row.labels;
    classify.features = row.features;
    classify.stages = row.stages;
    classify.threads = verb_.threads;
    say(fmt::format("{}: {}", exhibit.name, row.label));
    const ClassifyReport report = run_classify(classify, hooks_.classification);
    const double error = report.test_error_percent;
    results_.figures.push_back({.exhibit = exhibit.name,
                                .label = row.label,
                                .seed = seed,
                                .command = command_of(catalogue_.training(row.training), verb_.quick, seed) +
                                           "; wta classify" + classify_options(row),
                                .value = exhibit.accuracy ? 100 - error : error,
                                .train_seconds = results_.train_seconds.at(run.filename().string()),
                                .classify_seconds = report.seconds});
    save_results(catalogue_, verb_.out, verb_.quick, results_);
    return true;
  }

  bool reproduce_parts(const PaperExhibit& exhibit) {
    std::size_t number = 0;
    for (const PaperPart& part : exhibit.parts) {
      ++number;
      if (const std::string why = missing_data(catalogue_.training(part.training)); !why.empty()) {
        skip(exhibit.name + ", " + part.caption, why);
        continue;
      }
      if (!require_run(part.training, 1)) return false;
      const std::string file = fmt::format("{}-{}.png", exhibit.name, number);
      draw(part, fs::path(verb_.out) / file);
      results_.pictures[exhibit.name + ", " + part.caption] = file;
      save_results(catalogue_, verb_.out, verb_.quick, results_);
    }
    return true;
  }

  void draw(const PaperPart& part, const fs::path& out) {
    const fs::path run = run_folder(part.training, 1);
    const std::string data = read_config(RunFolder{run}.config()).options.at("data");
    switch (part.kind) {
      case PaperPicture::filters:
        return run_filters(run, out, part.count, part.stage);
      case PaperPicture::maps:
        return run_maps({.run = run,
                         .data = {.data = data},
                         .split = "",
                         .out = out,
                         .stage = part.stage,
                         .count = part.count,
                         .threads = verb_.threads});
      case PaperPicture::reconstructions:
        fs::copy_file(RunFolder{run}.reconstructions(), out, fs::copy_options::overwrite_existing);
        return;
    }
  }

  const PaperCatalogue& catalogue_;
  const ReproduceVerb& verb_;
  const ReproduceHooks& hooks_;
  PaperResults results_;
  ReproduceReport report_;
};

}  // namespace

ReproduceReport run_reproduce(const PaperCatalogue& catalogue, const ReproduceVerb& verb,
                              const ReproduceHooks& hooks) {
  if (verb.out.empty())
    throw InvalidArgument("out: results need a folder; got none. Try: --out reproduction.");
  return Reproduction(catalogue, verb, hooks).run();
}

}  // namespace wta
