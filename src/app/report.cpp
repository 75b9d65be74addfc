#include "app/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/classify.h"
#include "app/codes.h"
#include "app/run_data.h"
#include "app/stages.h"
#include "app/threads_option.h"
#include "io/atomic_file.h"
#include "io/read_file.h"
#include "report/report_page.h"
#include "wta/classifier.h"
#include "wta/error.h"

namespace wta {
namespace {

using Warn = std::function<void(const std::string&)>;

// At most `most` of `count` samples, evenly spread: files often stand in the order of their classes.
std::vector<std::int64_t> evenly(std::int64_t count, std::int64_t most) {
  const std::int64_t taken = std::min(count, most);
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < taken; ++i) rows.push_back(i * count / taken);
  return rows;
}

Split rows_of(const Split& split, const std::vector<std::int64_t>& rows) {
  Split part{.samples = split.samples.subset(rows), .labels = {}};
  if (split.labels.empty()) return part;
  for (const std::int64_t row : rows) part.labels.push_back(split.labels[static_cast<std::size_t>(row)]);
  return part;
}

Dataset load_data(const ReportVerb& verb, const Context& context, const Model& model) {
  const auto& options = model.top().options;
  std::uint64_t seed = 1;  // of the cut where the data has no test split, as in training
  if (const auto found = options.find("seed"); found != options.end()) seed = std::stoull(found->second);
  const DataOptions data = data_of_run("report", verb.run, verb.data, seed);
  return load_dataset(data, {.threads = context.threads, .seed = seed, .stop = context.stop});
}

// Samples that the model has not learned from, where there are any.
const Split& held_out(const Dataset& data) {
  return data.test.samples.count() > 0 ? data.test : data.train;
}

std::string name_of(const Split& split, const Dataset& data) {
  return &split == &data.test ? "test" : "training";
}

const Split& chosen_split(const ReportVerb& verb, const Dataset& data) {
  const Split& split = verb.split == "test" ? data.test : data.train;
  if (split.samples.count() > 0) return split;
  throw DataError(fmt::format("report: the {} split of '{}' must have samples; got none. Try: --split {}.",
                              verb.split, data.name, verb.split == "test" ? "train" : "test"));
}

Reconstructions reconstruct_some(const Context& context, const Model& model, const Dataset& data) {
  constexpr std::int64_t kShown = 24;
  const Split& split = held_out(data);
  const std::vector<std::int64_t> rows = evenly(split.samples.count(), kShown);
  const Shape shape = {std::ssize(rows), split.samples.sample_size()};
  Reconstructions shown{
      .split = name_of(split, data), .inputs = Tensor<float>(shape), .outputs = Tensor<float>(shape)};
  split.samples.gather(rows, shown.inputs.matrix());
  reconstruct(context, model, shown.inputs.matrix(), shown.outputs.matrix());
  prepare(context, model, shown.inputs.matrix(), shown.inputs.matrix());
  return shown;
}

// Those with a label, at most `most`.
Split labelled_rows(const Split& split, std::int64_t most, std::int64_t& available) {
  std::vector<std::int64_t> labelled;
  for (std::size_t i = 0; i < split.labels.size(); ++i) {
    if (split.labels[i] >= 0) labelled.push_back(static_cast<std::int64_t>(i));
  }
  available = std::ssize(labelled);
  std::vector<std::int64_t> rows;
  for (const std::int64_t i : evenly(available, most)) rows.push_back(labelled[static_cast<std::size_t>(i)]);
  return rows_of(split, rows);
}

std::vector<std::int32_t> predictions(const Context& context, const Model& model, const Samples& samples,
                                      const LinearClassifier& classifier, const std::filesystem::path& file) {
  std::vector<std::int32_t> predicted;
  for_each_code_block(context, model, samples, stages_of(classifier, model, file),
                      [&](std::int64_t, ConstMatrixView<float> codes) {
                        const std::vector<std::int32_t> block = classifier.predict(context, codes);
                        predicted.insert(predicted.end(), block.begin(), block.end());
                      });
  return predicted;
}

// Nothing where the run has no classifier, or the data no labels of its classes.
std::optional<Classification> classify_some(const Context& context, const ReportVerb& verb,
                                            const Model& model, const Dataset& data, const Warn& warn) {
  const std::filesystem::path file = RunFolder{verb.run}.classifier();
  if (!std::filesystem::exists(file) || data.class_names.empty()) return std::nullopt;
  try {
    const LinearClassifier classifier = load_classifier(file);
    if (classifier.class_names != data.class_names) {
      throw DataError(
          fmt::format("{}: the classifier must know the classes of '{}'; they differ. Try: wta classify {}.",
                      file.string(), data.name, verb.run.string()));
    }
    Classification result{.split = {}, .stages = classifier.stages, .counts = {}};
    const Split& split = held_out(data);
    const Split labelled = labelled_rows(split, verb.samples, result.available);
    if (labelled.labels.empty()) return std::nullopt;
    result.split = name_of(split, data);
    result.counts = confusion_matrix(predictions(context, model, labelled.samples, classifier, file),
                                     labelled.labels, std::ssize(data.class_names));
    return result;
  } catch (const DataError& error) {
    if (warn) warn(fmt::format("{} The report has no classification.", error.what()));
    return std::nullopt;
  }
}

void fill(const ReportVerb& verb, const Context& context, const Warn& warn, ReportContent& content) {
  const Model& model = content.model;
  const Dataset data = load_data(verb, context, model);
  const Split& split = chosen_split(verb, data);
  content.data = data.name;
  content.split = name_of(split, data);
  content.available = split.samples.count();
  content.rows = evenly(content.available, verb.samples);
  content.samples = rows_of(split, content.rows);
  content.class_names = data.class_names;
  const auto classes = content.samples.labels.empty() ? 0 : std::ssize(data.class_names);
  for (std::int64_t s = 0; s < std::ssize(model.stages); ++s)
    content.features.push_back(gather_features(context, model, s, content.samples, classes));
  content.reconstructions = reconstruct_some(context, model, data);
  content.classification = classify_some(context, verb, model, data, warn);
}

std::string name_of_run(const std::filesystem::path& run) {
  const std::filesystem::path folder = std::filesystem::weakly_canonical(run);
  return std::filesystem::is_directory(run) ? folder.filename().string()
                                            : (folder.parent_path().filename() / folder.filename()).string();
}

}  // namespace

void ReportVerb::visit_options(OptionVisitor& visitor) {
  visitor.visit({.name = "split",
                 .help = "Samples that the features are shown on.",
                 .range = "train|test",
                 .choices = {"train", "test"}},
                split);
  visitor.visit({.name = "samples",
                 .help = "At most so many of them, evenly spread.",
                 .unit = "samples",
                 .range = "1..10000000",
                 .minimum = 1,
                 .maximum = 1e7},
                samples);
  visitor.visit({.name = "count",
                 .help = "At most so many features of each stage, the most used ones.",
                 .unit = "features",
                 .range = "1..100000",
                 .minimum = 1,
                 .maximum = 100000},
                count);
  visit_threads(visitor, threads);
}

std::string metrics_text(const RunFolder& run) {
  constexpr std::size_t kMostLines = 2000;
  if (!std::filesystem::exists(run.metrics())) return "[]";
  std::vector<std::string> lines = read_lines(run.metrics());
  std::erase_if(lines, [](const std::string& line) { return !nlohmann::json::accept(line); });
  const std::size_t step = (lines.size() + kMostLines - 1) / kMostLines;
  std::string text = "[";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i % step != 0 && i + 1 != lines.size()) continue;
    text += (text.size() > 1 ? "," : "") + lines[i];
  }
  return text + "]";
}

MadeReport make_report(const ReportVerb& verb, const Model& model, const std::optional<LivePage>& live,
                       const Warn& warn) {
  ReportContent content{.model = model,
                        .made_by = verb.made_by,
                        .run = name_of_run(verb.run),
                        .units_shown = verb.count,
                        .metrics = metrics_text({verb.run}),
                        .live = live};
  if (!model.stages.empty())
    fill(verb, {.threads = resolve_threads(verb.threads), .stop = verb.stop}, warn, content);
  MadeReport made{.page = report_page(content), .samples = std::ssize(content.rows)};
  for (const Stage& stage : model.stages) made.features += std::min(verb.count, stage.network.units());
  return made;
}

ReportResult run_report(const ReportVerb& verb, const Warn& warn) {
  const MadeReport made = make_report(verb, load_model(verb.run), std::nullopt, warn);
  ReportResult result{.out = verb.out.empty() ? RunFolder{verb.run}.report() : verb.out,
                      .features = made.features,
                      .samples = made.samples,
                      .bytes = std::ssize(made.page)};
  write_text(result.out, made.page);
  return result;
}

}  // namespace wta
