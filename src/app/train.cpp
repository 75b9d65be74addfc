#include "app/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "app/event_store.h"
#include "app/pictures.h"
#include "app/threads_option.h"
#include "train/checkpoint.h"
#include "train/run_store.h"
#include "wta/error.h"

namespace wta {
namespace {

void save_config(const TrainVerb& verb, const RunFolder& run, const std::vector<StageStart>& plan) {
  TrainVerb resolved = verb;
  resolved.run.overwrite = false;  // decided anew by who resumes, or takes the file as a recipe
  std::vector<std::vector<OptionText>> stages;
  if (plan.size() == 1) {
    resolved.stage = plan.front().options;
  } else {
    for (const StageStart& start : plan) stages.push_back(describe(start.options));
  }
  write_config(run.config(), describe(resolved), stages);
}

void require_same_stage_count(const RunFolder& run, std::size_t planned) {
  if (!std::filesystem::exists(run.config())) return;
  const std::size_t before = std::max<std::size_t>(1, read_config(run.config()).stages.size());
  if (before == planned) return;
  throw InvalidArgument(fmt::format(
      "resume: a run keeps its number of stages; it was {}, got {}. Try: without --recipe, or another --out.",
      before, planned));
}

// The stages that a resumed run has finished. They are not trained again, so they must be those of the plan.
Model finished_stages(const TrainVerb& verb, const RunFolder& run, const std::vector<StageStart>& plan,
                      const TrainHooks& hooks) {
  require_same_stage_count(run, plan.size());
  Model model;
  if (auto saved = newest_checkpointed_model(run.path, hooks.on_warning)) {
    saved->stages.pop_back();
    model = std::move(*saved);
  }
  for (std::size_t s = 0; s < model.stages.size(); ++s) {
    OptionValues now = values_of(plan[s].options, Effect::result);
    now.merge(values_of(verb.data, Effect::result));
    try {
      require_same_options(now, model.stages[s].options);
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(fmt::format("stage {}: {}", s + 1, error.what()));
    }
  }
  return model;
}

TrainOutcome train_in_folder(const Context& context, const RunOptions& run, const TrainOptions& options,
                             const Samples& samples, const TrainHooks& hooks, Model& model) {
  FolderStore folder(run.out, run.resume, hooks.on_warning);
  if (run.events == "off") return train(context, options, samples, folder, hooks, model);
  EventStore with_events({run.out}, folder);
  return train(context, options, samples, with_events, hooks, model);
}

// Images of two channels, say, can be learned but not drawn.
void draw_pictures(const Context& context, const RunFolder& run, const Model& model, const Dataset& dataset,
                   const TrainHooks& hooks) {
  const Split& shown = dataset.test.samples.count() > 0 ? dataset.test : dataset.train;
  try {
    draw_filters(run.filters(), model);
    draw_first_reconstructions(context, run.reconstructions(), model, shown.samples);
  } catch (const InvalidArgument& error) {
    if (hooks.on_warning) hooks.on_warning(error.what());
  }
}

}  // namespace

void RunOptions::visit_options(OptionVisitor& visitor) {
  visitor.visit({.name = "out", .help = "Folder of the run.", .range = "FOLDER", .effect = Effect::run}, out);
  visit_threads(visitor, threads);
  visitor.visit(
      {.name = "events",
       .help = "Event files for TensorBoard in the folder: metrics of each epoch, now and then histograms "
               "and filters.",
       .range = "on|off",
       .effect = Effect::run,
       .choices = {"on", "off"}},
      events);
  visitor.visit({.name = "resume", .help = "Go on from the newest checkpoint.", .effect = Effect::run},
                resume);
  visitor.visit({.name = "overwrite", .help = "Replace the run in the folder.", .effect = Effect::run},
                overwrite);
}

void TrainVerb::visit_options(OptionVisitor& visitor) {
  data.visit_options(visitor);
  stage.visit_options(visitor);
  run.visit_options(visitor);
}

TrainReport run_train(const TrainVerb& verb, const TrainObserver& observer) {
  const auto begin = std::chrono::steady_clock::now();
  const RunFolder run{verb.run.out};
  const auto seed = static_cast<std::uint64_t>(verb.stage.training.seed);
  const Context context{
      .threads = resolve_threads(verb.run.threads), .seed = seed, .stop = observer.hooks.stop};
  require_architectures(verb.stage, verb.stages);
  const Dataset dataset = load_dataset(verb.data, context);
  const std::vector<StageStart> plan =
      plan_stages(verb.stage, verb.stages, dataset.train.samples.sample_shape(),
                  dataset.train.samples.count(), context.threads);
  const TableRoom room{.folder = run.path, .on_warning = observer.hooks.on_warning};
  require_room_for_tables(room, plan, dataset.train.samples.count());
  if (observer.on_data) observer.on_data(dataset);
  const FileLock lock =
      prepare_run_folder(run, verb.run.resume, verb.run.overwrite, observer.hooks.on_warning);
  if (!verb.run.resume) save_config(verb, run, plan);

  TrainReport report;
  Model& model = report.model;
  if (verb.run.resume) model = finished_stages(verb, run, plan, observer.hooks);
  model.class_names = dataset.class_names;
  const auto train_stage = [&](const StageStart& start, const Samples& samples, bool as_they_are,
                               Model& stack) {
    stack.top().options.merge(values_of(verb.data, Effect::result));
    TrainHooks hooks = observer.hooks;
    if (as_they_are) hooks.held_out = &dataset.test.samples;
    return train_in_folder(context, verb.run, start.options.training, samples, hooks, stack);
  };
  try {
    report.outcome = train_stages(context, plan, dataset.train.samples, room,
                                  {.on_stage = observer.on_stage, .train = train_stage}, model);
    if (report.outcome == TrainOutcome::finished) draw_pictures(context, run, model, dataset, observer.hooks);
  } catch (const Interrupted&) {  // beside the steps, whose checkpoints are saved
    report.outcome = TrainOutcome::stopped;
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace wta
