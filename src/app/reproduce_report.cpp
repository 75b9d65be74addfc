#include "app/reproduce_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/atomic_file.h"
#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

ordered_json to_json(const ReproducedFigure& figure) {
  return {{"exhibit", figure.exhibit},
          {"label", figure.label},
          {"seed", figure.seed},
          {"command", figure.command},
          {"value", figure.value},
          {"train_seconds", figure.train_seconds},
          {"classify_seconds", figure.classify_seconds}};
}

ReproducedFigure figure_of(const ordered_json& entry) {
  return {.exhibit = entry.at("exhibit"),
          .label = entry.at("label"),
          .seed = entry.at("seed"),
          .command = entry.at("command"),
          .value = entry.at("value"),
          .train_seconds = entry.at("train_seconds"),
          .classify_seconds = entry.at("classify_seconds")};
}

std::vector<ReproducedFigure> figures_of(const PaperResults& results, const PaperExhibit& exhibit,
                                         const PaperRow& row) {
  std::vector<ReproducedFigure> figures;
  std::ranges::copy_if(results.figures, std::back_inserter(figures), [&](const ReproducedFigure& figure) {
    return figure.exhibit == exhibit.name && figure.label == row.label;
  });
  return figures;
}

// "1.27 +- 0.03 (3 seeds)".
std::string mean_and_deviation(const std::vector<ReproducedFigure>& figures) {
  const auto count = static_cast<double>(figures.size());
  double mean = 0;
  for (const ReproducedFigure& figure : figures) mean += figure.value / count;
  if (figures.size() < 2) return fmt::format("{:.2f}", mean);
  double squares = 0;
  for (const ReproducedFigure& figure : figures) squares += (figure.value - mean) * (figure.value - mean);
  return fmt::format("{:.2f} ± {:.2f} ({} seeds)", mean, std::sqrt(squares / (count - 1)), figures.size());
}

std::string row_text(const PaperResults& results, const PaperExhibit& exhibit, const PaperRow& row) {
  const std::vector<ReproducedFigure> figures = figures_of(results, exhibit, row);
  const std::string published = row.published ? fmt::format("{:.2f}", *row.published) : "";
  if (figures.empty()) return fmt::format("| {} | | {} | | |\n", row.label, published);
  double seconds = 0;
  for (const ReproducedFigure& figure : figures)
    seconds = std::max(seconds, figure.train_seconds + figure.classify_seconds);
  return fmt::format("| {} | {} | {} | {:.0f} | `{}` |\n", row.label, mean_and_deviation(figures), published,
                     seconds, figures.front().command);
}

std::string exhibit_text(const PaperResults& results, const PaperExhibit& exhibit) {
  std::string rows;
  for (const PaperRow& row : exhibit.rows) rows += row_text(results, exhibit, row);
  if (!rows.empty()) {
    rows = fmt::format(
        "| features | ours, {} % | published | seconds | command |\n| --- | --- | --- | --- | --- |\n{}",
        exhibit.accuracy ? "accuracy" : "test error", rows);
  }
  std::string pictures;
  for (const PaperPart& part : exhibit.parts) {
    const auto found = results.pictures.find(exhibit.name + ", " + part.caption);
    if (found != results.pictures.end())
      pictures += fmt::format("\n{}:\n\n![{}]({})\n", part.caption, part.caption, found->second);
  }
  const std::string note = exhibit.note.empty() ? "" : fmt::format("\n{}\n", exhibit.note);
  return fmt::format("\n## {}: {}\n\n{}{}{}", exhibit.name, exhibit.title, rows, pictures, note);
}

bool begun(const PaperResults& results, const PaperExhibit& exhibit) {
  const std::string prefix = exhibit.name + ", ";
  return std::ranges::any_of(results.figures, [&](const auto& f) { return f.exhibit == exhibit.name; }) ||
         std::ranges::any_of(results.pictures, [&](const auto& p) { return p.first.starts_with(prefix); });
}

std::string to_markdown(const PaperCatalogue& catalogue, bool quick, const PaperResults& results) {
  std::string text =
      "# Tables and figures of Makhzani & Frey 2015\n\nTest error or accuracy of a linear SVM on codes "
      "learned "
      "without labels; seconds of one seed, training and classification.\n";
  if (quick) {
    text +=
        "\n**Quick run: smaller networks and fewer epochs than the paper's, one seed. The numbers show that "
        "everything works, not how well it does.**\n";
  }
  for (const PaperExhibit& exhibit : catalogue.exhibits) {
    if (begun(results, exhibit)) text += exhibit_text(results, exhibit);
  }
  if (!results.skipped.empty()) text += "\n## Skipped\n\n";
  for (const std::string& line : results.skipped) text += fmt::format("- {}\n", line);
  return text;
}

}  // namespace

PaperResults load_results(const fs::path& folder, bool quick) {
  const fs::path path = folder / "results.json";
  if (!fs::exists(path)) return {};
  PaperResults results;
  bool made_quick = false;
  try {
    const ordered_json content = ordered_json::parse(read_text(path));
    made_quick = content.at("quick");
    for (const ordered_json& entry : content.at("figures")) results.figures.push_back(figure_of(entry));
    results.pictures = content.at("pictures");
    results.train_seconds = content.at("train_seconds");
  } catch (const nlohmann::json::exception& error) {
    throw DataError(fmt::format("{}: must be what wta reproduce wrote; {}. Try: another --out.",
                                path.string(), error.what()));
  }
  if (made_quick == quick) return results;
  throw InvalidArgument(
      fmt::format("out: {} holds results of {} networks. Try: another --out, or {} --quick.", folder.string(),
                  made_quick ? "small" : "full", made_quick ? "with" : "without"));
}

void save_results(const PaperCatalogue& catalogue, const fs::path& folder, bool quick,
                  const PaperResults& results) {
  ordered_json figures = ordered_json::array();
  for (const ReproducedFigure& figure : results.figures) figures.push_back(to_json(figure));
  const ordered_json content = {{"quick", quick},
                                {"figures", figures},
                                {"pictures", results.pictures},
                                {"train_seconds", results.train_seconds},
                                {"skipped", results.skipped}};
  write_text(folder / "results.json", content.dump(2) + "\n");
  write_text(folder / "README.md", to_markdown(catalogue, quick, results));
}

}  // namespace wta
