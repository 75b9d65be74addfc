#pragma once
#include <filesystem>

#include "io/append_file.h"
#include "wta/trainer.h"

namespace wta {

/// metrics.jsonl: one JSON object a line, one line per epoch.
class MetricsFile {
 public:
  /// Opens the file for appending after lines beyond `step` were cut off (0 keeps none). Throws IoError.
  MetricsFile(const std::filesystem::path& path, std::int64_t stage, std::int64_t step);
  /// Throws IoError when the line cannot be written.
  void append(const EpochMetrics& metrics);
  /// To be called before a checkpoint says that these epochs are done. Throws IoError.
  void sync() { file_.sync(); }

 private:
  AppendFile file_;
};

}  // namespace wta
