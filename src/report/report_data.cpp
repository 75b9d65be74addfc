#include "report/report_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

namespace wta {
namespace {

using nlohmann::ordered_json;

// Text of pictures for 1,000 features; together with their figures less than 10 MB.
constexpr std::int64_t kAtomBytes = 3'500'000;
constexpr std::int64_t kInputBytes = 4'000'000;
constexpr std::int64_t kReconstructionBytes = 500'000;
constexpr std::int64_t kClassesShown = 20;      // of a feature
constexpr std::int64_t kLargestConfusion = 50;  // classes of a table; more are shown as pairs
constexpr std::size_t kConfusedPairs = 20;

// No text in it can end a script element.
std::string script_json(const nlohmann::ordered_json& values) {
  const std::string text = values.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  std::string safe;
  for (const char c : text) {
    if (c == '<' || c == '>' || c == '&') {
      safe += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      safe += c;
    }
  }
  return safe;
}

// Four digits are what a reader sees.
double rounded(double value) {
  return std::strtod(fmt::format("{:.4g}", value).c_str(), nullptr);
}

// Values of many samples, from the smallest (black) to the largest (white).
class GreyScale {
 public:
  void include(std::span<const float> values) {
    for (const float value : values) {
      low_ = std::min(low_, value);
      high_ = std::max(high_, value);
    }
  }
  [[nodiscard]] Picture picture(std::span<const float> values, const TileShape& tile) const {
    Picture picture{.tile = tile, .values = {values.begin(), values.end()}};
    const float width = high_ - low_;
    for (float& value : picture.values) value = width > 0 ? (value - low_) / width : 0;
    return picture;
  }

 private:
  float low_ = std::numeric_limits<float>::infinity();
  float high_ = -std::numeric_limits<float>::infinity();
};

ordered_json sprites_json(const std::string& name, const Sprites& sprites) {
  return {{"name", name},
          {"sheets", sprites.sheets.size()},
          {"count", sprites.count},
          {"height", sprites.tile.height},
          {"width", sprites.tile.width},
          {"drawn", {sprites.drawn.height, sprites.drawn.width}},
          {"cell", {sprites.cell_height, sprites.cell_width}},
          {"border", Sprites::kBorder},
          {"columns", sprites.columns},
          {"rows", sprites.rows}};
}

// The units of a stage that the page shows, most used first.
std::vector<std::int64_t> shown_units(const Stage& stage, std::int64_t most) {
  std::vector<std::int64_t> units = units_by_usage(stage);
  units.resize(static_cast<std::size_t>(std::min<std::int64_t>(most, std::ssize(units))));
  return units;
}

ordered_json classes_json(const std::vector<double>& means) {
  std::vector<std::int64_t> order(means.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  if (std::ssize(order) > kClassesShown) {
    std::ranges::stable_sort(order, std::greater(),
                             [&](std::int64_t c) { return means[static_cast<std::size_t>(c)]; });
    order.resize(kClassesShown);
  }
  ordered_json classes = ordered_json::array();
  for (const std::int64_t c : order) classes.push_back({c, rounded(means[static_cast<std::size_t>(c)])});
  return classes;
}

// The report as it is being put together.
class Builder {
 public:
  explicit Builder(const ReportContent& content) : content_(content) {
    for (const Stage& stage : content.model.stages) units_.push_back(shown_units(stage, content.units_shown));
    for (const auto& units : units_) shown_ += std::ssize(units);
    find_inputs();
  }

  ReportData build() {
    values_["made_by"] = content_.made_by;
    values_["run"] = content_.run;
    values_["data"] = {{"name", content_.data},
                       {"split", content_.split},
                       {"samples", content_.rows.size()},
                       {"available", content_.available}};
    values_["classes"] = content_.class_names;
    values_["parameters"] = parameter_count(content_.model);
    values_["stages"] = ordered_json::array();
    for (std::size_t s = 0; s < content_.features.size(); ++s) values_["stages"].push_back(stage_json(s));
    if (!content_.features.empty()) add_inputs();
    if (!content_.reconstructions.inputs.empty()) add_reconstructions();
    if (content_.classification) add_classification(*content_.classification);
    values_["metrics"] = ordered_json::parse(content_.metrics);
    if (content_.live) values_["live"] = {{"version", content_.live->version}};
    return {.json = script_json(values_), .sheets = std::move(sheets_)};
  }

 private:
  // Every sample that is among the strongest of a unit on the page.
  void find_inputs() {
    std::set<std::int64_t> inputs;
    for (std::size_t s = 0; s < content_.features.size(); ++s) {
      for (const std::int64_t unit : units_[s]) {
        for (const StrongSample& strong : statistics_of(s, unit).strongest) inputs.insert(strong.sample);
      }
    }
    inputs_.assign(inputs.begin(), inputs.end());
  }

  [[nodiscard]] const UnitStatistics& statistics_of(std::size_t s, std::int64_t unit) const {
    return content_.features[s].statistics.units()[static_cast<std::size_t>(unit)];
  }

  // A part of what 1,000 features may take, for as many as there are.
  [[nodiscard]] std::int64_t budget(std::int64_t bytes) const {
    return bytes * std::max<std::int64_t>(1000, shown_) / 1000;
  }

  ordered_json add_sprites(const std::string& name, Sprites sprites) {
    ordered_json json = sprites_json(name, sprites);
    sheets_.push_back({.name = name, .sprites = std::move(sprites)});
    return json;
  }

  ordered_json stage_json(std::size_t s) {
    const Stage& stage = content_.model.stages[s];
    const TrainingSummary& summary = stage.summary;
    const AtomPictures& atoms = content_.features[s].pictures;
    const std::vector<std::int64_t>& units = units_[s];
    const auto count = std::ssize(units);
    const auto atom = [&](std::int64_t i) { return atom_picture(atoms, units[static_cast<std::size_t>(i)]); };
    const std::int64_t bytes = budget(kAtomBytes) * count / std::max<std::int64_t>(1, shown_);
    ordered_json json = {{"units", stage.network.units()},
                         {"kind", stage.network.convolutional() ? "map" : "unit"},
                         {"linear", stage.network.activation == Activation::identity},
                         {"probabilities", stage.network.activation == Activation::sigmoid},
                         {"sample_shape", stage.sample_shape},
                         {"epochs", summary.epochs},
                         {"steps", summary.steps},
                         {"loss", rounded(summary.loss)},
                         {"explained_variance", rounded(summary.explained_variance)},
                         {"active_fraction", rounded(summary.active_fraction)},
                         {"dead", summary.dead_units},
                         {"options", stage.options},
                         {"sprites", add_sprites(fmt::format("atoms{}", s + 1),
                                                 draw_sprites(count, atoms.tile, atom, bytes))}};
    json["features"] = ordered_json::array();
    for (const std::int64_t unit : units) json["features"].push_back(feature_json(s, unit));
    return json;
  }

  ordered_json feature_json(std::size_t s, std::int64_t unit) const {
    const Stage& stage = content_.model.stages[s];
    const StageFeatures& features = content_.features[s];
    const UnitStatistics& statistics = statistics_of(s, unit);
    const double samples = static_cast<double>(std::max<std::int64_t>(1, features.statistics.samples()));
    ordered_json json = {{"unit", unit},
                         {"usage", stage.usage[static_cast<std::size_t>(unit)]},
                         {"frequency", rounded(features.statistics.frequency(unit))},
                         {"mean", rounded(statistics.sum / samples)},
                         {"zeros", statistics.zeros},
                         {"threshold", rounded(std::max(0.0F, stage.network.thresholds[unit]))},
                         {"histogram",
                          {{"width", statistics.histogram.width()},
                           {"first", statistics.histogram.first_bin()},
                           {"counts", statistics.histogram.counts()}}},
                         {"top", strongest_json(s, statistics)}};
    json["similar"] = ordered_json::array();
    for (const SimilarAtom& atom : features.similar[static_cast<std::size_t>(unit)])
      json["similar"].push_back({atom.unit, rounded(atom.cosine)});
    if (const auto selectivity = features.statistics.selectivity(unit)) {
      json["selectivity"] = {selectivity->preferred, rounded(selectivity->index)};
      json["classes"] = classes_json(features.statistics.class_means(unit));
    }
    return json;
  }

  ordered_json strongest_json(std::size_t s, const UnitStatistics& statistics) const {
    ordered_json list = ordered_json::array();
    for (const StrongSample& strong : statistics.strongest) {
      const auto input = std::ranges::lower_bound(inputs_, strong.sample) - inputs_.begin();
      ordered_json entry = {input, rounded(strong.activation)};
      if (content_.model.stages[s].network.convolutional()) {
        const PicturePosition at = pixel_of(content_.model, static_cast<std::int64_t>(s), strong.position);
        entry.push_back(at.y);
        entry.push_back(at.x);
      }
      list.push_back(std::move(entry));
    }
    return list;
  }

  void add_inputs() {
    const Samples& samples = content_.samples.samples;
    const TileShape tile = tile_or_row(samples.sample_shape());
    Tensor<float> one({1, samples.sample_size()});
    GreyScale scale;
    for (const std::int64_t input : inputs_) {
      samples.read(input, one.matrix());
      scale.include(one.span());
    }
    const auto picture = [&](std::int64_t i) {
      samples.read(inputs_[static_cast<std::size_t>(i)], one.matrix());
      return scale.picture(one.span(), tile);
    };
    ordered_json json = {{"sprites", add_sprites("inputs", draw_sprites(std::ssize(inputs_), tile, picture,
                                                                        budget(kInputBytes)))}};
    json["rows"] = ordered_json::array();
    for (const std::int64_t input : inputs_)
      json["rows"].push_back(content_.rows[static_cast<std::size_t>(input)]);
    if (!content_.samples.labels.empty()) {
      json["labels"] = ordered_json::array();
      for (const std::int64_t input : inputs_)
        json["labels"].push_back(content_.samples.labels[static_cast<std::size_t>(input)]);
    }
    values_["inputs"] = std::move(json);
  }

  // Inputs at even places, what became of them at the odd ones.
  void add_reconstructions() {
    const Reconstructions& shown = content_.reconstructions;
    const TileShape tile = tile_or_row(content_.model.stages.front().sample_shape);
    GreyScale scale;
    scale.include(shown.inputs.span());
    const auto picture = [&](std::int64_t i) {
      const Tensor<float>& side = i % 2 == 0 ? shown.inputs : shown.outputs;
      return scale.picture(side.matrix().row_span(i / 2), tile);
    };
    values_["reconstructions"] = {
        {"split", shown.split},
        {"sprites", add_sprites("pairs", draw_sprites(2 * shown.inputs.row_count(), tile, picture,
                                                      kReconstructionBytes))}};
  }

  void add_classification(const Classification& classification) {
    const Tensor<std::int64_t>& counts = classification.counts;
    const std::int64_t classes = counts.row_count();
    std::int64_t total = 0;
    std::int64_t right = 0;
    std::vector<std::array<std::int64_t, 3>> confused;  // count, class, predicted class
    for (std::int64_t i = 0; i < counts.size(); ++i) {
      total += counts[i];
      if (i / classes == i % classes) {
        right += counts[i];
      } else if (counts[i] > 0) {
        confused.push_back({counts[i], i / classes, i % classes});
      }
    }
    std::ranges::stable_sort(confused, std::greater(), [](const auto& entry) { return entry[0]; });
    confused.resize(std::min(confused.size(), kConfusedPairs));
    ordered_json json = {
        {"split", classification.split},         {"stages", classification.stages}, {"samples", total},
        {"available", classification.available}, {"errors", total - right},         {"confused", confused}};
    if (classes <= kLargestConfusion) {
      json["counts"] = ordered_json::array();
      for (std::int64_t c = 0; c < classes; ++c) json["counts"].push_back(counts.matrix().row_span(c));
    }
    values_["classification"] = std::move(json);
  }

  const ReportContent& content_;
  std::vector<std::vector<std::int64_t>> units_;  // of each stage, those shown
  std::int64_t shown_ = 0;
  std::vector<std::int64_t> inputs_;  // samples whose pictures are on the page, rising
  ordered_json values_;
  std::vector<NamedSprites> sheets_;
};

}  // namespace

ReportData report_data(const ReportContent& content) {
  return Builder(content).build();
}

}  // namespace wta
