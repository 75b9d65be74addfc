#pragma once
/// Checkpoints of a run: model, optimiser, position and the sums of the current epoch, in one safetensors
/// file.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/safetensors.h"
#include "optim/optimizer.h"
#include "train/epoch_statistics.h"
#include "wta/model.h"

namespace wta {

/// Everything that the next step depends on. The top stage is trained, those below stay as they are.
struct TrainState {
  /// The state before the first step. The optimiser moves the parameters of the top stage: not to be copied
  /// or moved.
  TrainState(Model start, const OptimizerOptions& optimizer_options);
  TrainState(const TrainState&) = delete;
  TrainState& operator=(const TrainState&) = delete;

  [[nodiscard]] Stage& stage() { return model.top(); }
  [[nodiscard]] const Stage& stage() const { return model.top(); }

  Model model;
  Optimizer optimizer;
  std::int64_t step = 0;  ///< complete steps
  EpochStatistics statistics;
  std::vector<std::int64_t> threshold_updates;  ///< [units]
  Tensor<float> chains;                         ///< [batch, D] of an RBM whose chains persist, else empty
};

/// The state as a file's content, and back into `state`, whose shapes it must fit; `where` is what messages
/// name. Throws as load_newest_checkpoint.
[[nodiscard]] TensorFile to_tensor_file(TrainState& state);
void restore(const TensorFile& file, const std::string& where, TrainState& state);

/// Writes checkpoints/stage-SS-step-NNNNNNNNN.safetensors, then removes all but the last two.
void save_checkpoint(const std::filesystem::path& run, TrainState& state);

/// Loads the newest whole checkpoint of the state's stage into `state` (whose shapes it must fit) and returns
/// its step; nullopt when there is none. A damaged one is reported to `warn` and the one before is tried; a
/// stage above the first starts again when none of its own is whole.
/// Throws InvalidArgument when a `result` option or the data differ from the checkpoint's, DataError when
/// checkpoints exist and none is whole.
std::optional<std::int64_t> load_newest_checkpoint(const std::filesystem::path& run,
                                                   const std::function<void(const std::string&)>& warn,
                                                   TrainState& state);

/// Throws InvalidArgument that names an option whose value is not the saved one: `--resume` accepts changes
/// of `run` options only.
void require_same_options(const std::map<std::string, std::string>& now,
                          const std::map<std::string, std::string>& saved);

/// The model in the newest whole checkpoint, with as many stages as its training had reached; nullopt when
/// there is none. Damaged ones are reported to `warn`.
[[nodiscard]] std::optional<Model> newest_checkpointed_model(
    const std::filesystem::path& run, const std::function<void(const std::string&)>& warn);

}  // namespace wta
