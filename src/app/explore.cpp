#include "app/explore.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "io/read_file.h"
#include "train/checkpoint.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

using FileTime = fs::file_time_type;

// Nothing where there is no such file (any more).
std::optional<FileTime> time_of(const fs::path& file) {
  std::error_code missing;
  const FileTime time = fs::last_write_time(file, missing);
  return missing ? std::nullopt : std::optional(time);
}

fs::path model_file(const fs::path& run) {
  return fs::is_regular_file(run) ? run : RunFolder{run}.model();
}

std::optional<FileTime> newest_checkpoint(const fs::path& run) {
  std::optional<FileTime> newest;
  if (!fs::is_directory(run / "checkpoints")) return newest;
  for (const fs::path& file : read_folder(run / "checkpoints")) {
    if (file.extension() == ".safetensors") newest = std::max(newest, time_of(file));
  }
  return newest;
}

// The model file where there is one: training writes it right after each checkpoint.
struct NewestModel {
  bool checkpoint = false;
  std::optional<FileTime> time;  ///< none: there is no model

  [[nodiscard]] std::string version() const {
    return time ? fmt::format("{}", time->time_since_epoch().count()) : std::string();
  }
};

NewestModel newest_model(const fs::path& run) {
  if (const auto time = time_of(model_file(run))) return {.checkpoint = false, .time = time};
  return {.checkpoint = true, .time = newest_checkpoint(run)};
}

Model load_newest(const fs::path& run, const NewestModel& newest) {
  if (!newest.time) return {};
  if (!newest.checkpoint) return load_model(run);
  auto model = newest_checkpointed_model(run, {});
  return model ? std::move(*model) : Model{};
}

// What the training is to reach, of its last stage, and how often it saves.
struct Plan {
  std::int64_t stages = 1;
  std::int64_t epochs = 1;
  double checkpoint_seconds = 60;
};

Plan plan_of(const Config& config) {
  OptionValues options = config.options;
  if (!config.stages.empty()) {
    for (const auto& [name, value] : config.stages.back()) options[name] = value;
  }
  Plan plan{.stages = std::max<std::int64_t>(1, std::ssize(config.stages))};
  if (options["model"] != "pca" && options.contains("epochs")) plan.epochs = std::stoll(options["epochs"]);
  if (options.contains("checkpoint_seconds"))
    plan.checkpoint_seconds = std::stod(options["checkpoint_seconds"]);
  return plan;
}

std::string state_of(const RunFolder& run, const nlohmann::json& metrics) {
  constexpr double kMissedSaves = 3;
  constexpr double kShortestPatience = 30;  // seconds
  if (!fs::exists(run.config())) return "finished";
  const Plan plan = plan_of(read_config(run.config()));
  if (!metrics.empty()) {
    const nlohmann::json& last = metrics.back();
    if (last.value("stage", std::int64_t{1}) >= plan.stages &&
        last.value("epoch", std::int64_t{0}) >= plan.epochs)
      return "finished";
  }
  const auto newest = std::max(
      {time_of(run.metrics()), time_of(run.config()), time_of(run.model()), newest_checkpoint(run.path)});
  const std::chrono::duration<double> quiet = FileTime::clock::now() - newest.value_or(FileTime{});
  return quiet.count() > std::max(kShortestPatience, kMissedSaves * plan.checkpoint_seconds) ? "stopped"
                                                                                             : "training";
}

}  // namespace

LiveReport::LiveReport(ReportVerb verb, std::function<void(const std::string&)> warn)
    : verb_(std::move(verb)), warn_(std::move(warn)) {
  if (newest_model(verb_.run).time || fs::exists(RunFolder{verb_.run}.config())) return;
  throw IoError(fmt::format("{}: there is no run. Try: the --out folder of wta train.", verb_.run.string()));
}

std::string LiveReport::page() {
  const std::lock_guard lock(mutex_);
  const NewestModel newest = newest_model(verb_.run);
  const std::string version = newest.version();
  if (!made_ || version != version_) {
    page_ = make_report(verb_, load_newest(verb_.run, newest), LivePage{.version = version}, warn_).page;
    version_ = version;
    made_ = true;
  }
  return page_;
}

std::string LiveReport::status() const {
  const RunFolder run{verb_.run};
  const auto metrics = nlohmann::json::parse(metrics_text(run));
  const nlohmann::ordered_json status = {{"state", state_of(run, metrics)},
                                         {"version", newest_model(verb_.run).version()},
                                         {"metrics", metrics}};
  return status.dump();
}

}  // namespace wta
