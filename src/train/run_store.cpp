#include "train/run_store.h"

#include <fmt/format.h>

#include <utility>

#include "wta/error.h"

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

FileLock lock_run(const std::filesystem::path& run, const std::function<void(const std::string&)>& warn) {
  std::error_code error;
  std::filesystem::create_directories(run, error);
  if (error) {
    throw IoError(fmt::format("{}: the run folder cannot be prepared: {}. Try: another --out.", run.string(),
                              error.message()));
  }
  FileLock lock(run / ".lock");
  if (lock.state() == FileLock::State::taken) {
    throw IoError(
        fmt::format("out: one process at a time writes to a run; another one is writing to '{}'. Try: "
                    "another --out, or wait until it ends.",
                    run.string()));
  }
  if (lock.state() == FileLock::State::unsupported && warn) {
    warn(fmt::format("{}: the file system knows no locks; make sure that no other process writes to the run",
                     run.string()));
  }
  return lock;
}

void FolderStore::save(TrainState& state) {
  metrics_->sync();
  save_checkpoint(run_, state);
  save_model(run_ / "model.safetensors", state.model);
}

}  // namespace wta
