#include "app/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "app/code_table.h"
#include "app/codes.h"
#include "app/pictures.h"
#include "core/memory.h"
#include "model/training_size.h"
#include "train/checkpoint.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr const char* kFewerSamples = "fewer samples, or --preprocess none";

// What needs no data to be refused is refused before any is read.
void require_architectures(const TrainVerb& verb) {
  (void)parse_architecture(verb.stage.model.arch);
  for (std::size_t s = 0; s < verb.stages.size(); ++s) {
    const auto arch = verb.stages[s].find("arch");
    if (arch == verb.stages[s].end()) continue;
    try {
      (void)parse_architecture(arch->second);
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(fmt::format("stage {}: {}", s + 1, error.what()));
    }
  }
}

// Weights and optimiser state, all twice: in use, and in the checkpoint that is being written. And the batch.
void require_memory_for_training(const StageStart& start, std::int64_t samples) {
  const TrainOptions& training = start.options.training;
  const std::int64_t kinds = training.optimizer.optimizer == "adam" ? 3 : 2;
  const TrainingSize size = training_size(start.options.model, start.sample_shape);
  const std::int64_t batch = batch_size(training, samples);
  const std::string stage = start.count > 1 ? fmt::format("stage {}: ", start.number) : "";
  if (!fits_in_memory(2 * kinds, size.parameters)) {
    throw MemoryError(fmt::format(
        "{}arch: the weights must fit in memory with the state of {}, twice while a checkpoint is "
        "written; {}. Try: fewer units or maps in --arch.",
        stage, training.optimizer.optimizer, describe_need(2 * kinds, size.parameters)));
  }
  if (!fits_in_memory(batch, size.per_sample)) {
    throw MemoryError(
        fmt::format("{}batch: a mini-batch and its maps must fit in memory; {}. Try: a smaller --batch.",
                    stage, describe_need(batch, size.per_sample)));
  }
}

void require_codes_as_they_are(const StageStart& start) {
  if (start.number == 1 || start.options.model.preprocess == "none") return;
  throw InvalidArgument(
      fmt::format("preprocess: only the first stage reads the data, the others read codes; got '{}'. Try: "
                  "preprocess in the first stage.",
                  start.options.model.preprocess));
}

// The options of every stage, resolved against the shape of what it reads.
std::vector<StageStart> plan_stages(const TrainVerb& verb, const Samples& samples) {
  const std::vector<OptionValues> stages = verb.stages.empty() ? std::vector<OptionValues>(1) : verb.stages;
  std::vector<StageStart> plan;
  Shape shape = samples.sample_shape();
  for (const OptionValues& differences : stages) {
    StageStart start{.number = static_cast<std::int64_t>(plan.size()) + 1,
                     .count = static_cast<std::int64_t>(stages.size()),
                     .options = verb.stage,
                     .sample_shape = shape};
    try {
      if (start.number > 1) start.options.model.preprocess = "none";  // the first stage's is done by then
      for (const auto& [name, value] : differences) set_option(start.options, name, value);
      require_codes_as_they_are(start);
      start.options.model = resolve(start.options.model, shape);
      const Architecture arch = parse_architecture(start.options.model.arch);
      start.options.training = resolve(start.options.training, element_count(shape), arch.convolutional());
      require_memory_for_training(start, samples.count());
    } catch (const InvalidArgument& error) {
      if (stages.size() == 1) throw;
      throw InvalidArgument(fmt::format("stage {}: {}", start.number, error.what()));
    }
    shape = code_shape(start.options.model, shape);
    plan.push_back(std::move(start));
  }
  return plan;
}

void require_room_for_tables(const TableRoom& room, const std::vector<StageStart>& plan,
                             std::int64_t samples) {
  if (plan.front().options.model.preprocess != "none") {
    require_room(room, samples, element_count(plan.front().sample_shape), "preprocess", kFewerSamples);
  }
  for (std::size_t s = 1; s < plan.size(); ++s) {
    require_room(room, samples, element_count(plan[s].sample_shape), fmt::format("stage {}", s + 1),
                 "fewer maps or a larger pooling stride in the stage below");
  }
}

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

// What the first stage is trained on: the samples after its preprocessing, which is fitted on them.
Samples prepared_samples(const Context& context, Model& model, double zca_epsilon, const Samples& samples,
                         const TableRoom& room) {
  constexpr std::int64_t kBlock = 1024;
  Stage& stage = model.stages.front();
  fit_preprocessing(context,
                    {.count = samples.count(),
                     .sample_shape = stage.sample_shape,
                     .read = [&](std::int64_t begin, MatrixView<float> out) { samples.read(begin, out); }},
                    zca_epsilon, stage.preprocessing);
  Tensor<float> table = make_table(room, samples.count(), samples.sample_size(), "preprocess", kFewerSamples);
  for (std::int64_t begin = 0; begin < samples.count(); begin += kBlock) {
    const MatrixView<float> rows = table.matrix().row_range(begin, std::min(begin + kBlock, samples.count()));
    samples.read(begin, rows);
    prepare(context, model, rows, rows);
  }
  Shape shape = stage.sample_shape;
  shape.insert(shape.begin(), samples.count());
  return Samples(std::move(table).reshaped(shape));
}

Samples codes_as_samples(const Context& context, const Model& model, const Samples& samples,
                         const TableRoom& room) {
  Shape shape = model.top().code_shape();
  shape.insert(shape.begin(), samples.count());
  return Samples(encode_all(context, model, samples, {}, room).reshaped(shape));
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
  visitor.visit({.name = "out", .help = "Folder of the run.", .effect = Effect::run}, out);
  visitor.visit({.name = "threads",
                 .help = "Worker threads; 0 means all processors. The numbers are the same for every value.",
                 .range = "0..1024",
                 .effect = Effect::run,
                 .minimum = 0,
                 .maximum = 1024},
                threads);
  visitor.visit({.name = "resume", .help = "Go on from the newest checkpoint.", .effect = Effect::run},
                resume);
  visitor.visit({.name = "overwrite", .help = "Replace the run in the folder.", .effect = Effect::run},
                overwrite);
}

void StageOptions::visit_options(OptionVisitor& visitor) {
  model.visit_options(visitor);
  training.visit_options(visitor);
}

void TrainVerb::visit_options(OptionVisitor& visitor) {
  data.visit_options(visitor);
  stage.visit_options(visitor);
  run.visit_options(visitor);
}

int resolve_threads(std::int64_t option) {
  return option > 0 ? static_cast<int>(option) : available_threads();
}

TrainReport run_train(const TrainVerb& verb, const TrainObserver& observer) {
  const auto begin = std::chrono::steady_clock::now();
  const RunFolder run{verb.run.out};
  const auto seed = static_cast<std::uint64_t>(verb.stage.training.seed);
  const Context context{.threads = resolve_threads(verb.run.threads), .seed = seed};
  require_architectures(verb);
  const Dataset dataset = load_dataset(verb.data, context);
  const std::vector<StageStart> plan = plan_stages(verb, dataset.train.samples);
  const TableRoom room{.folder = run.path, .on_warning = observer.hooks.on_warning};
  require_room_for_tables(room, plan, dataset.train.samples.count());
  prepare_run_folder(run, verb.run.resume, verb.run.overwrite);
  if (!verb.run.resume) save_config(verb, run, plan);
  if (observer.on_data) observer.on_data(dataset);

  TrainReport report;
  Model& model = report.model;
  if (verb.run.resume) model = finished_stages(verb, run, plan, observer.hooks);
  model.class_names = dataset.class_names;
  for (std::size_t s = model.stages.size(); s < plan.size(); ++s) {
    const StageStart& start = plan[s];
    if (observer.on_stage) observer.on_stage(start);
    const Samples codes = s == 0 ? Samples() : codes_as_samples(context, model, dataset.train.samples, room);
    model.stages.push_back(make_stage(start.options.model, start.sample_shape,
                                      static_cast<std::uint64_t>(start.options.training.seed),
                                      static_cast<std::int64_t>(s)));
    model.top().options.merge(values_of(verb.data, Effect::result));
    const bool prepares = !model.top().preprocessing.empty();
    const Samples prepared = prepares ? prepared_samples(context, model, start.options.model.zca_epsilon,
                                                         dataset.train.samples, room)
                                      : Samples();
    const Samples& samples = prepares ? prepared : s == 0 ? dataset.train.samples : codes;
    TrainHooks hooks = observer.hooks;
    if (s == 0 && !prepares) hooks.held_out = &dataset.test.samples;
    report.outcome = train(context, start.options.training, samples, run.path, verb.run.resume, hooks, model);
    if (report.outcome == TrainOutcome::stopped) break;
  }
  if (report.outcome == TrainOutcome::finished) draw_pictures(context, run, model, dataset, observer.hooks);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace wta
