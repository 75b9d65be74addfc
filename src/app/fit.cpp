#include "app/fit.h"

#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <utility>

#include "wta/error.h"

namespace wta {
namespace {

// A part may be smaller than a batch.
constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();

TableRoom room_in_temporary_folder(const TrainHooks& hooks) {
  return {.folder = std::filesystem::temp_directory_path(), .on_warning = hooks.on_warning};
}

}  // namespace

FitReport fit(const FitOptions& options, const Samples& samples, const TrainHooks& hooks) {
  require_architectures(options.common, options.stages);
  const Context context{.threads = resolve_threads(options.threads),
                        .seed = static_cast<std::uint64_t>(options.common.training.seed)};
  const std::vector<StageStart> plan =
      plan_stages(options.common, options.stages, samples.sample_shape(), samples.count(), context.threads);
  const TableRoom room = room_in_temporary_folder(hooks);
  require_room_for_tables(room, plan, samples.count());
  const auto train_stage = [&](const StageStart& start, const Samples& read, bool, Model& model) {
    return train(context, start.options.training, read, hooks, model);
  };
  FitReport report;
  report.outcome = train_stages(context, plan, samples, room, {.train = train_stage}, report.model);
  return report;
}

PartialFit::PartialFit(FitOptions options) : options_(std::move(options)) {
  require_architectures(options_.common, options_.stages);
}

PartialFit::PartialFit(FitOptions options, const std::vector<std::vector<std::byte>>& stages)
    : PartialFit(std::move(options)) {
  for (std::size_t s = 0; s < stages.size(); ++s)
    trainers_.emplace_back(context(), training_of(s), stages[s]);
}

PartialFit::PartialFit(FitOptions options, const Model& trained) : PartialFit(std::move(options)) {
  for (std::size_t s = 0; s < trained.stages.size(); ++s) {
    Model stage;
    stage.stages.push_back(trained.stages[s]);
    trainers_.emplace_back(context(), training_of(s), std::move(stage));
  }
}

TrainOptions PartialFit::training_of(std::size_t stage) const {
  StageOptions options = options_.common;
  if (stage < options_.stages.size()) {
    for (const auto& [name, value] : options_.stages[stage]) set_option(options, name, value);
  }
  return options.training;
}

Context PartialFit::context() const {
  return {.threads = resolve_threads(options_.threads),
          .seed = static_cast<std::uint64_t>(options_.common.training.seed)};
}

// Each stage is a model of its own here; model() puts them together.
void PartialFit::begin(const Samples& samples) {
  const std::vector<StageStart> plan =
      plan_stages(options_.common, options_.stages, samples.sample_shape(), kAnyNumber, context().threads);
  for (const StageStart& start : plan) {
    const std::int64_t place = start.number - 1;
    Model model;
    model.stages.push_back(make_stage(start.options.model, start.sample_shape,
                                      static_cast<std::uint64_t>(start.options.training.seed), place));
    if (place == 0) fit_preparation(context(), samples, start.options.model.zca_epsilon, model);
    trainers_.emplace_back(context(), start.options.training, std::move(model));
  }
}

void PartialFit::learn(const Samples& samples, const TrainHooks& hooks) {
  if (trainers_.empty()) begin(samples);
  const Shape& expected = trainers_.front().model().top().sample_shape;
  if (samples.sample_shape() != expected) {
    throw DataError(fmt::format("train: samples must keep their shape {} from part to part; got {}.",
                                to_string(expected), to_string(samples.sample_shape())));
  }
  const TableRoom room = room_in_temporary_folder(hooks);
  const bool prepares = !trainers_.front().model().top().preprocessing.empty();
  const Samples prepared =
      prepares ? prepared_samples(context(), trainers_.front().model(), samples, room) : Samples();
  Samples codes;
  for (std::size_t s = 0; s < trainers_.size(); ++s) {
    if (s == 1) codes = codes_as_samples(context(), trainers_[0].model(), samples, room);
    if (s > 1) codes = codes_as_samples(context(), trainers_[s - 1].model(), codes, room);
    trainers_[s].learn(s > 0 ? codes : prepares ? prepared : samples, hooks);
  }
}

Model PartialFit::model() const {
  if (trainers_.empty()) {
    throw InvalidArgument("partial_fit: there is no model before the first samples. Try: partial_fit(X).");
  }
  Model model;
  for (const OnlineTrainer& trainer : trainers_) model.stages.push_back(trainer.model().top());
  return model;
}

std::vector<std::vector<std::byte>> PartialFit::to_bytes() const {
  std::vector<std::vector<std::byte>> stages;
  for (const OnlineTrainer& trainer : trainers_) stages.push_back(trainer.to_bytes());
  return stages;
}

}  // namespace wta
