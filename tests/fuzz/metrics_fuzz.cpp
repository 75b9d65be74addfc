/// The lines of metrics.jsonl, as read when a run is resumed: what is damaged or beyond a step is dropped.
#include "fuzz/input.h"
#include "train/metrics_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kStage = 1;
  constexpr std::int64_t kStep = 5;
  static const wta::fuzz::InputFolder folder;
  folder.write("metrics.jsonl", wta::fuzz::bytes_of(data, size));
  const wta::MetricsFile kept(folder.path() / "metrics.jsonl", kStage, kStep);
  return 0;
}
