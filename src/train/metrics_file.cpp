#include "train/metrics_file.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "io/atomic_file.h"
#include "io/read_file.h"

namespace wta {
namespace {

// Lines of earlier stages, and of complete epochs of this one up to `step`; a half-written last line of a
// killed process is dropped.
std::string lines_until(const std::filesystem::path& path, std::int64_t stage, std::int64_t step) {
  std::string kept;
  if (!std::filesystem::exists(path)) return kept;
  for (const std::string& line : read_lines(path)) {
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    const auto number = [&](const char* key) {
      const bool there = parsed.is_object() && parsed.contains(key) && parsed[key].is_number_integer();
      return there ? parsed[key].get<std::int64_t>() : std::numeric_limits<std::int64_t>::max();
    };
    if (number("stage") > stage || (number("stage") == stage && number("step") > step)) break;
    kept += line + '\n';
  }
  return kept;
}

// The file, cut.
const std::filesystem::path& cut(const std::filesystem::path& path, std::int64_t stage, std::int64_t step) {
  write_text(path, stage > 1 || step > 0 ? lines_until(path, stage, step) : "");
  return path;
}

}  // namespace

MetricsFile::MetricsFile(const std::filesystem::path& path, std::int64_t stage, std::int64_t step)
    : file_(cut(path, stage, step), "free disk space") {}

void MetricsFile::append(const EpochMetrics& metrics) {
  nlohmann::ordered_json line = {{"stage", metrics.stage},
                                 {"epoch", metrics.epoch},
                                 {"step", metrics.step},
                                 {"learning_rate", metrics.learning_rate},
                                 {"loss", metrics.loss},
                                 {"explained_variance", metrics.explained_variance},
                                 {"active_fraction", metrics.active_fraction},
                                 {"dead_units", metrics.dead_units},
                                 {"samples_per_second", metrics.samples_per_second}};
  if (metrics.free_energy) line["free_energy"] = *metrics.free_energy;
  if (metrics.held_out_free_energy) line["held_out_free_energy"] = *metrics.held_out_free_energy;
  file_.append(line.dump() + '\n');
}

}  // namespace wta
