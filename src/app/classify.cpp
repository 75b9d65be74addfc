#include "app/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "app/code_table.h"
#include "app/codes.h"
#include "app/run_data.h"
#include "app/run_folder.h"
#include "app/threads_option.h"
#include "app/train.h"
#include "data/splits.h"
#include "io/atomic_file.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

// Codes (or raw values) with the labels of the same rows.
struct Labelled {
  Tensor<float> features;
  std::vector<std::int32_t> labels;
};

Labelled select(const TableRoom& room, const Labelled& all, std::span<const std::int64_t> rows) {
  const std::int64_t size = all.features.row_size();
  Labelled chosen{.features = make_table(room, static_cast<std::int64_t>(rows.size()), size, "classify",
                                         "fewer --labels"),
                  .labels = {}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(all.features.matrix().row(rows[i]), size,
                chosen.features.matrix().row(static_cast<std::int64_t>(i)));
    chosen.labels.push_back(all.labels[static_cast<std::size_t>(rows[i])]);
  }
  return chosen;
}

// Rows of a split that carry a label (a few labels may stand beside many unlabelled samples: -1).
Split labelled_part(const Split& split) {
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < split.labels.size(); ++i) {
    if (split.labels[i] >= 0) rows.push_back(static_cast<std::int64_t>(i));
  }
  if (rows.size() == split.labels.size()) return split;
  Split part{.samples = split.samples.subset(rows), .labels = {}};
  for (const std::int64_t row : rows) part.labels.push_back(split.labels[static_cast<std::size_t>(row)]);
  return part;
}

Labelled features_of(const Context& context, const ClassifyVerb& verb, const TableRoom& room,
                     const Model& model, const Split& split) {
  if (verb.features == "codes") {
    return {encode_all(context, model, split.samples, parse_stage_choice(verb.stages), room), split.labels};
  }
  Labelled raw{.features = Tensor<float>({split.samples.count(), split.samples.sample_size()}),
               .labels = split.labels};
  split.samples.read(0, raw.features.matrix());
  return raw;
}

// What is fitted and what is measured on.
struct Tables {
  Labelled train;
  Labelled test;
  Labelled everything;  ///< of `refit`: all labelled samples
  bool refit = false;   ///< the test rows were taken from the only labels there are
};

// Test rows cut from the training labels, a stratified share of each class.
Tables cut(const TableRoom& room, Labelled all, double fraction, std::uint64_t seed) {
  const HoldOut rows =
      stratified_hold_out(static_cast<std::int64_t>(all.labels.size()), all.labels, fraction, seed);
  if (rows.held_out.empty()) {
    throw DataError(
        fmt::format("classify: too few labels to hold any out; got {}. Try: two or more of each class.",
                    all.labels.size()));
  }
  Tables tables{
      .train = select(room, all, rows.kept), .test = select(room, all, rows.held_out), .everything = {}};
  tables.everything = std::move(all);
  return tables;
}

Tables prepare_tables(const Context& context, const ClassifyVerb& verb, const TableRoom& room,
                      const Model& model, const Dataset& dataset) {
  constexpr double kWithoutTestLabels = 0.2;
  const Split train = labelled_part(dataset.train);
  const Split test = labelled_part(dataset.test);
  if (train.labels.empty()) {
    throw DataError("classify: the data must have labels; got none. Try: --label-file labels.csv.");
  }
  Labelled features = features_of(context, verb, room, model, train);
  if (verb.holdout > 0) return cut(room, std::move(features), verb.holdout, context.seed);
  if (test.labels.empty()) {
    Tables tables = cut(room, std::move(features), kWithoutTestLabels, context.seed);
    tables.refit = true;
    return tables;
  }
  return {
      .train = std::move(features), .test = features_of(context, verb, room, model, test), .everything = {}};
}

struct Fit {
  LinearClassifier classifier;
  double train_error = 0;
  double test_error = 0;
};

double error_of(const Context& context, const LinearClassifier& classifier, const Labelled& data) {
  return error_fraction(classifier.predict(context, data.features.matrix()), data.labels);
}

Fit fit(const Context& context, const Labelled& train, const Labelled& test, std::int64_t classes,
        const SvmProgress& progress) {
  Fit result{.classifier =
                 train_linear_svm(context, {}, train.features.matrix(), train.labels, classes, progress)};
  result.train_error = error_of(context, result.classifier, train);
  result.test_error = error_of(context, result.classifier, test);
  return result;
}

// A label as one CSV field: quoted where it must be.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

void fill_means(const std::vector<Fit>& fits, ClassifyReport& report) {
  const auto count = static_cast<double>(fits.size());
  double test = 0;
  double train = 0;
  for (const Fit& one : fits) {
    test += 100 * one.test_error / count;
    train += 100 * one.train_error / count;
  }
  double squares = 0;
  for (const Fit& one : fits) squares += std::pow(100 * one.test_error - test, 2);
  report.test_error_percent = test;
  report.train_error_percent = train;
  report.test_error_std = fits.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
  report.subsets = static_cast<std::int64_t>(fits.size());
  report.C = fits.back().classifier.C;
  report.code_scale = fits.back().classifier.code_scale;
}

// The number of a class that has no name.
std::string class_name(const LinearClassifier& classifier, std::int32_t number) {
  if (classifier.class_names.empty()) return fmt::format("{}", number);
  return classifier.class_names[static_cast<std::size_t>(number)];
}

void require_two_classes(std::int64_t classes, const DataOptions& options) {
  if (classes >= 2) return;
  throw DataError(
      fmt::format("{}: labels must be of two classes or more; got {}. Try: --label-file FILE.csv.",
                  options.label_file.empty() ? options.data : options.label_file, classes));
}

}  // namespace

void ClassifyVerb::visit_options(OptionVisitor& visitor) {
  visitor.visit({.name = "labels",
                 .help = "Train on class-balanced subsets of this many labels; 0 uses all of them.",
                 .unit = "labels",
                 .range = ">= 0",
                 .minimum = 0},
                labels);
  visitor.visit({.name = "subsets",
                 .help = "How many random subsets --labels averages over.",
                 .range = "1..1000",
                 .minimum = 1,
                 .maximum = 1000},
                subsets);
  visitor.visit(
      {.name = "holdout",
       .help = "Measure on this share of the training labels instead of the test data (for tuning).",
       .unit = "fraction",
       .range = "0..0.9",
       .minimum = 0,
       .maximum = 0.9},
      holdout);
  visitor.visit({.name = "features",
                 .help = "What is classified: the model's codes, or the raw values for comparison.",
                 .range = "codes|raw",
                 .choices = {"codes", "raw"}},
                features);
  visitor.visit(
      {.name = "stages",
       .help = "Whose codes of a stack: the top stage's, all stages' side by side, or one counted from 1.",
       .range = "top|all|N"},
      stages);
  visitor.visit(
      {.name = "seed", .help = "Key of subsets and held-out samples.", .range = ">= 0", .minimum = 0}, seed);
  visit_threads(visitor, threads);
}

ClassifyReport run_classify(const ClassifyVerb& verb, const ClassifyHooks& hooks) {
  const auto start = std::chrono::steady_clock::now();
  const Context context{.threads = resolve_threads(verb.threads),
                        .seed = static_cast<std::uint64_t>(verb.seed),
                        .stop = hooks.stop};
  const Model model = load_model(verb.run);
  auto data_seed = static_cast<std::uint64_t>(verb.seed);
  const DataOptions data_options = data_of_run("classify", verb.run, verb.data, data_seed);
  const Dataset dataset =
      load_dataset(data_options, {.threads = context.threads, .seed = data_seed, .stop = hooks.stop});
  const TableRoom room{.folder = RunFolder{verb.run}.folder(), .on_warning = hooks.on_warning};
  const Tables tables = prepare_tables(context, verb, room, model, dataset);
  const auto classes = static_cast<std::int64_t>(dataset.class_names.size());
  require_two_classes(classes, data_options);

  ClassifyReport report{.n_test = static_cast<std::int64_t>(tables.test.labels.size()),
                        .n_features = tables.train.features.row_size()};
  std::vector<Fit> fits;
  const std::int64_t available = static_cast<std::int64_t>(tables.train.labels.size());
  const bool subset = verb.labels > 0 && verb.labels < available;
  for (std::int64_t s = 0; s < (subset ? verb.subsets : 1); ++s) {
    if (!subset) {
      fits.push_back(fit(context, tables.train, tables.test, classes, hooks.on_iteration));
      report.n_train = available;
      break;
    }
    const auto rows =
        balanced_subset(tables.train.labels, verb.labels, context.seed, static_cast<std::uint64_t>(s));
    fits.push_back(fit(context, select(room, tables.train, rows), tables.test, classes, hooks.on_iteration));
    report.n_train = verb.labels;
  }
  fill_means(fits, report);
  if (verb.features == "codes") {
    LinearClassifier classifier = std::move(fits.front().classifier);
    if (tables.refit) {
      classifier = train_linear_svm(context, {}, tables.everything.features.matrix(),
                                    tables.everything.labels, classes, hooks.on_iteration);
    }
    classifier.class_names = dataset.class_names;
    classifier.stages = verb.stages;
    save_classifier(RunFolder{verb.run}.classifier(), classifier);
    report.saved = true;
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

StageChoice stages_of(const LinearClassifier& classifier, const Model& model,
                      const std::filesystem::path& file) {
  const std::int64_t features = classifier.weight.row_size();
  StageChoice choice;
  try {
    choice = parse_stage_choice(classifier.stages);
    if (code_size(model, choice) == features) return choice;
  } catch (const InvalidArgument& error) {
    throw DataError(
        fmt::format("{}: the classifier must name stages of this model; {}", file.string(), error.what()));
  }
  throw DataError(
      fmt::format("{}: the classifier must read codes of this model; it reads {} features, the codes of "
                  "stages '{}' have {}. Try: wta classify again.",
                  file.string(), features, classifier.stages, code_size(model, choice)));
}

PredictReport run_predict(const PredictVerb& verb) {
  const Context context{.threads = resolve_threads(verb.threads), .stop = verb.stop};
  const Model model = load_model(verb.run);
  const std::filesystem::path file = RunFolder{verb.run}.classifier();
  if (!std::filesystem::exists(file)) {
    throw IoError(fmt::format("{}: the run has no classifier yet. Try: wta classify {}.", file.string(),
                              verb.run.string()));
  }
  const LinearClassifier classifier = load_classifier(file);
  const auto [split, class_names] = load_split(verb.data, verb.split, SplitChoice::test, context);
  AtomicFile out(verb.out);
  out.write("index,label\n");
  std::vector<std::int32_t> predicted;
  const StageChoice stages = stages_of(classifier, model, file);
  for_each_code_block(
      context, model, split.samples, stages, [&](std::int64_t first, ConstMatrixView<float> codes) {
        const std::vector<std::int32_t> block = classifier.predict(context, codes);
        for (std::size_t i = 0; i < block.size(); ++i) {
          const std::string name = class_name(classifier, block[i]);
          out.write(fmt::format("{},{}\n", first + static_cast<std::int64_t>(i), csv_field(name)));
        }
        predicted.insert(predicted.end(), block.begin(), block.end());
      });
  out.commit();
  PredictReport report{.samples = split.samples.count(), .error_percent = std::nullopt};
  if (split.labels.size() == predicted.size() && class_names == classifier.class_names) {
    report.error_percent = 100 * error_fraction(predicted, split.labels);
  }
  return report;
}

}  // namespace wta
