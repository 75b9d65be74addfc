#pragma once
#include <filesystem>
#include <fstream>

#include "wta/trainer.h"

namespace wta {

/// metrics.jsonl: one JSON object a line, one line per epoch.
class MetricsFile {
 public:
  /// Opens the file for appending after lines beyond `step` were cut off (0 keeps none).
  MetricsFile(const std::filesystem::path& path, std::int64_t stage, std::int64_t step);
  /// Throws IoError when the line cannot be written.
  void append(const EpochMetrics& metrics);

 private:
  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace wta
