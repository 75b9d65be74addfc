#include "train/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/atomic_file.h"
#include "io/read_file.h"
#include "model/model_file.h"
#include "model/parameters.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKept = 2;

fs::path folder_of(const fs::path& run) {
  return run / "checkpoints";
}

std::string stage_prefix(std::size_t stages) {
  return fmt::format("stage-{:02}-", stages);
}

// Checkpoint files, newest first.
std::vector<fs::path> list_checkpoints(const fs::path& run) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder_of(run))) return files;
  for (const fs::path& file : read_folder(folder_of(run))) {
    const std::string name = file.filename().string();
    if (name.starts_with("stage-") && name.ends_with(".safetensors")) files.push_back(file);
  }
  std::ranges::sort(files, std::greater<>());
  return files;
}

template <class T>
const Tensor<T>& take(const TensorFile& file, const std::string& name, const Shape& shape,
                      const std::string& where) {
  const auto found = file.tensors.find(name);
  const auto* tensor = found == file.tensors.end() ? nullptr : std::get_if<Tensor<T>>(&found->second);
  if (tensor == nullptr || tensor->shape() != shape) {
    throw DataError(fmt::format("{}: tensor '{}' must have shape {}; it is missing or different.", where,
                                name, to_string(shape)));
  }
  return *tensor;
}

const Tensor<std::int64_t>& take_counts(const TensorFile& file, const std::string& name, std::int64_t count,
                                        const std::string& where) {
  const auto& counts = take<std::int64_t>(file, name, {count}, where);
  for (const std::int64_t value : counts.span()) {
    if (value < 0) throw DataError(fmt::format("{}: tensor '{}' must be >= 0; got {}.", where, name, value));
  }
  return counts;
}

Tensor<std::int64_t> as_tensor(const std::vector<std::int64_t>& values) {
  return Tensor<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

void require_same_experiment(const Stage& now, const Stage& saved) {
  require_same_options(now.options, saved.options);
  if (now.data_fingerprint != saved.data_fingerprint) {
    throw InvalidArgument(
        "resume: the training data must be the same; its SHA-256 differs from the checkpoint's. Try: the "
        "data that the run was started with, or another --out.");
  }
}

// Hands the first of the files that is whole to `take`; each damaged one before it is reported.
bool first_whole(const std::vector<fs::path>& files, const std::function<void(const std::string&)>& warn,
                 const std::function<void(const TensorFile&, const std::string&)>& take) {
  for (const fs::path& file : files) {
    try {
      take(read_safetensors(file), file.string());
      return true;
    } catch (const DataError& error) {
      if (warn) warn(fmt::format("{} Using the checkpoint before it.", error.what()));
    }
  }
  return false;
}

[[noreturn]] void refuse_damaged(const fs::path& run, std::size_t count) {
  throw DataError(fmt::format("{}: no checkpoint is whole; {} damaged. Try: --overwrite to start again.",
                              folder_of(run).string(), count));
}

}  // namespace

TrainState::TrainState(Model start, const OptimizerOptions& optimizer_options)
    : model(std::move(start)),
      optimizer(optimizer_options, parameters(model.top().network)),
      statistics(model.top().network.units()),
      threshold_updates(static_cast<std::size_t>(model.top().network.units())) {}

TensorFile to_tensor_file(TrainState& state) {
  TensorFile file = to_tensor_file(state.model);
  for (const auto& [name, tensor] : state.optimizer.state()) file.tensors["optimizer." + name] = *tensor;
  file.tensors["train.wins"] = as_tensor(state.statistics.wins);
  file.tensors["train.threshold_updates"] = as_tensor(state.threshold_updates);
  if (!state.chains.empty()) file.tensors["train.chains"] = state.chains;
  // Kept as tensors, so that the file's SHA-256 covers them and every bit comes back.
  const EpochStatistics& sums = state.statistics;
  file.tensors["train.position"] = as_tensor({state.step, sums.samples, sums.winners});
  file.tensors["train.sums"] = Tensor<double>({2}, std::vector{sums.loss_sum, sums.squared_error});
  return file;
}

void restore(const TensorFile& file, const std::string& where, TrainState& state) {
  Model saved = from_tensor_file(file, where);
  require_same_experiment(state.stage(), saved.top());
  if (saved.stages.size() != state.model.stages.size()) {
    throw DataError(fmt::format("{}: the checkpoint must hold {} stages; got {}.", where,
                                state.model.stages.size(), saved.stages.size()));
  }
  const std::int64_t units = saved.top().network.units();
  for (const auto& [name, tensor] : state.optimizer.state()) {
    *tensor = take<float>(file, "optimizer." + name, tensor->shape(), where);
  }
  const auto& wins = take_counts(file, "train.wins", units, where);
  const auto& updates = take_counts(file, "train.threshold_updates", units, where);
  const auto& position = take_counts(file, "train.position", 3, where);
  const auto& sums = take<double>(file, "train.sums", {2}, where);
  if (!state.chains.empty()) state.chains = take<float>(file, "train.chains", state.chains.shape(), where);
  state.step = position[0];
  state.statistics.samples = position[1];
  state.statistics.winners = position[2];
  state.statistics.loss_sum = sums[0];
  state.statistics.squared_error = sums[1];
  state.statistics.wins.assign(wins.span().begin(), wins.span().end());
  state.threshold_updates.assign(updates.span().begin(), updates.span().end());
  // Copied value by value: views of the parameters stay valid.
  const std::vector<Parameter> target = parameters(state.stage().network);
  const std::vector<Parameter> source = parameters(saved.top().network);
  for (std::size_t p = 0; p < target.size(); ++p) {
    std::copy_n(source[p].value.data, source[p].value.rows * source[p].value.cols, target[p].value.data);
  }
  state.stage().network.thresholds = std::move(saved.top().network.thresholds);
  state.stage().usage = std::move(saved.top().usage);
  state.stage().summary = saved.top().summary;
}

void save_checkpoint(const fs::path& run, TrainState& state) {
  std::error_code ignored;
  fs::create_directories(folder_of(run), ignored);
  write_safetensors(folder_of(run) / fmt::format("{}step-{:09}.safetensors",
                                                 stage_prefix(state.model.stages.size()), state.step),
                    to_tensor_file(state));
  const std::vector<fs::path> files = list_checkpoints(run);
  for (std::size_t i = kKept; i < files.size(); ++i) fs::remove(files[i], ignored);
}

std::optional<std::int64_t> load_newest_checkpoint(const fs::path& run,
                                                   const std::function<void(const std::string&)>& warn,
                                                   TrainState& state) {
  remove_stale_temporaries(folder_of(run));
  std::vector<fs::path> files = list_checkpoints(run);
  const std::string prefix = stage_prefix(state.model.stages.size());
  std::erase_if(files, [&](const fs::path& file) { return !file.filename().string().starts_with(prefix); });
  const bool loaded = first_whole(
      files, warn, [&](const TensorFile& file, const std::string& where) { restore(file, where, state); });
  if (loaded) return state.step;
  // Above the first stage the checkpoint before is that of the finished stage below: this one starts again.
  if (files.empty() || state.model.stages.size() > 1) return std::nullopt;
  refuse_damaged(run, files.size());
}

void require_same_options(const std::map<std::string, std::string>& now,
                          const std::map<std::string, std::string>& saved) {
  for (const auto& [name, value] : saved) {
    const auto found = now.find(name);
    const std::string current = found == now.end() ? "(unset)" : found->second;
    if (current == value) continue;
    throw InvalidArgument(
        fmt::format("resume: options that decide the numbers must stay as they were; '{}' was {}, got {}. "
                    "Try: the old value, or another --out.",
                    name, value, current));
  }
}

std::optional<Model> newest_checkpointed_model(const fs::path& run,
                                               const std::function<void(const std::string&)>& warn) {
  const std::vector<fs::path> files = list_checkpoints(run);
  Model model;
  const bool loaded = first_whole(files, warn, [&](const TensorFile& file, const std::string& where) {
    model = from_tensor_file(file, where);
  });
  if (loaded) return model;
  if (files.empty()) return std::nullopt;
  refuse_damaged(run, files.size());
}

}  // namespace wta
