#pragma once
/// The files of a run, and config.toml: every option, resolved.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "wta/options.h"

namespace wta {

/// Names of the files in a run folder.
struct RunFolder {
  std::filesystem::path path;
  [[nodiscard]] std::filesystem::path config() const { return path / "config.toml"; }
  [[nodiscard]] std::filesystem::path model() const { return path / "model.safetensors"; }
  [[nodiscard]] std::filesystem::path classifier() const { return path / "classifier.safetensors"; }
  [[nodiscard]] std::filesystem::path filters() const { return path / "filters.png"; }
  [[nodiscard]] std::filesystem::path reconstructions() const { return path / "reconstructions.png"; }
};

/// Makes the folder ready for a new run, or checks that there is one to resume.
/// Throws InvalidArgument when it holds a run and neither `resume` nor `overwrite` is set; IoError.
void prepare_run_folder(const RunFolder& run, bool resume, bool overwrite);

/// Writes the options as flat TOML, with their help as comments.
void write_config(const std::filesystem::path& path, const std::vector<OptionText>& options);

/// name -> plain value of a flat TOML file (a recipe or a run's config.toml).
/// Throws IoError (missing), DataError (not TOML, nested tables; names line and column).
[[nodiscard]] std::map<std::string, std::string> read_config(const std::filesystem::path& path);

}  // namespace wta
