#include "train/run_store.h"

#include <utility>

namespace wta {

FolderStore::FolderStore(std::filesystem::path run, bool resume, std::function<void(const std::string&)> warn)
    : run_(std::move(run)), resume_(resume), warn_(std::move(warn)) {}

bool FolderStore::begin(TrainState& state) {
  std::error_code ignored;  // what cannot be made is named by the first file in it
  std::filesystem::create_directories(run_, ignored);
  const bool restored = resume_ && load_newest_checkpoint(run_, warn_, state);
  const auto stage = static_cast<std::int64_t>(state.model.stages.size());
  metrics_ = std::make_unique<MetricsFile>(run_ / "metrics.jsonl", stage, state.step);
  return restored;
}

void FolderStore::save(TrainState& state) {
  metrics_->sync();
  save_checkpoint(run_, state);
  save_model(run_ / "model.safetensors", state.model);
}

}  // namespace wta
