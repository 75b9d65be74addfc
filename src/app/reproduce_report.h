#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "app/reproduce.h"

namespace wta {

/// What a folder of `wta reproduce` holds so far.
struct PaperResults {
  std::vector<ReproducedFigure> figures;
  std::map<std::string, std::string> pictures;  ///< "fig1, caption" -> file in the folder
  std::map<std::string, double> train_seconds;  ///< of complete runs, by folder
  std::vector<std::string> skipped;
};

/// results.json of the folder; empty where there is none. Throws DataError (not such a file),
/// InvalidArgument (made with the other kind of networks).
[[nodiscard]] PaperResults load_results(const std::filesystem::path& folder, bool quick);

/// results.json and README.md.
void save_results(const PaperCatalogue& catalogue, const std::filesystem::path& folder, bool quick,
                  const PaperResults& results);

}  // namespace wta
