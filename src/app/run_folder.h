#pragma once
/// The files of a run, and config.toml: every option, resolved.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_lock.h"
#include "wta/options.h"

namespace wta {

/// Names of the files of a run: in a run folder, or beside a bare model file.
struct RunFolder {
  std::filesystem::path path;
  [[nodiscard]] std::filesystem::path folder() const;
  [[nodiscard]] std::filesystem::path config() const { return folder() / "config.toml"; }
  [[nodiscard]] std::filesystem::path model() const { return path / "model.safetensors"; }
  [[nodiscard]] std::filesystem::path classifier() const { return folder() / "classifier.safetensors"; }
  [[nodiscard]] std::filesystem::path filters() const { return path / "filters.png"; }
  [[nodiscard]] std::filesystem::path reconstructions() const { return path / "reconstructions.png"; }
  [[nodiscard]] std::filesystem::path events(std::int64_t stage) const;  ///< counted from 1
  [[nodiscard]] std::filesystem::path metrics() const { return folder() / "metrics.jsonl"; }
  [[nodiscard]] std::filesystem::path report() const { return folder() / "report.html"; }
};

/// Removes the event files of stage `first` and those above. Throws IoError.
void remove_events(const RunFolder& run, std::int64_t first);

/// Makes the folder ready for a new run, or checks that there is one to resume, and removes what processes
/// that died while they saved left there. The folder is the caller's as long as the lock lives; `warn` (may
/// be empty) hears where there are no locks. Throws InvalidArgument when it holds a run and neither `resume`
/// nor `overwrite` is set; IoError, also while another process writes to it.
[[nodiscard]] FileLock prepare_run_folder(const RunFolder& run, bool resume, bool overwrite,
                                          const std::function<void(const std::string&)>& warn = {});

/// name -> plain value, as set_option takes it.
using OptionValues = std::map<std::string, std::string>;

/// A recipe or a run's config.toml: options, and for a stack one table [[stages]] per stage with what differs
/// there.
struct Config {
  OptionValues options;
  std::vector<OptionValues> stages;
};

/// Writes the options as TOML, with their help as comments, then a table per stage.
void write_config(const std::filesystem::path& path, const std::vector<OptionText>& options,
                  const std::vector<std::vector<OptionText>>& stages = {});

/// Throws IoError (missing), DataError (not TOML, other tables than [[stages]]; names line and column).
[[nodiscard]] Config read_config(const std::filesystem::path& path);
/// The same from text; `where` is what messages name.
[[nodiscard]] Config parse_config(std::string_view text, const std::string& where);

}  // namespace wta
