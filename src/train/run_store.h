#pragma once
/// Where a training keeps what is to outlive it.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "io/file_lock.h"
#include "train/checkpoint.h"
#include "train/metrics_file.h"
#include "wta/trainer.h"

namespace wta {

/// What training asks of the place that keeps it.
class RunStore {
 public:
  virtual ~RunStore() = default;
  /// To be called once, first. Loads what there is to go on from into `state`; false: it starts anew.
  virtual bool begin(TrainState& state) = 0;
  /// At the end of an epoch, with the model as it is by then.
  virtual void append(const EpochMetrics& metrics, const Model& model) = 0;
  virtual void save(TrainState& state) = 0;
};

/// Keeps nothing: the model is what training returns.
class MemoryStore final : public RunStore {
 public:
  bool begin(TrainState&) override { return false; }
  void append(const EpochMetrics&, const Model&) override {}
  void save(TrainState&) override {}
};

/// The folder of a run: checkpoints/, metrics.jsonl, model.safetensors.
class FolderStore final : public RunStore {
 public:
  /// resume: begin() looks for a checkpoint. `warn` (may be empty) hears of damaged ones.
  FolderStore(std::filesystem::path run, bool resume, std::function<void(const std::string&)> warn);
  bool begin(TrainState& state) override;
  void append(const EpochMetrics& metrics, const Model&) override { metrics_->append(metrics); }
  void save(TrainState& state) override;

 private:
  std::filesystem::path run_;
  bool resume_;
  std::function<void(const std::string&)> warn_;
  std::unique_ptr<MetricsFile> metrics_;  ///< from begin() on
};

/// Makes the folder where it is missing, and takes it for as long as the lock lives: one process at a time
/// writes to a run. Where the file system knows no locks, `warn` (may be empty) hears of it. Throws IoError
/// when another process has it.
[[nodiscard]] FileLock lock_run(const std::filesystem::path& run,
                                const std::function<void(const std::string&)>& warn);

/// As train() of wta/trainer.h, kept in `store`.
TrainOutcome train(const Context& context, const TrainOptions& options, const Samples& samples,
                   RunStore& store, const TrainHooks& hooks, Model& model);

}  // namespace wta
