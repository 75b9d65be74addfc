#include "app/stages.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/codes.h"
#include "core/memory.h"
#include "model/training_size.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr const char* kFewerSamples = "fewer samples, or --preprocess none";

// The parts of the need, the largest first among those that one option changes.
void require_memory_for_training(const StageStart& start, std::int64_t samples, int threads) {
  const TrainingNeed need = training_need(start, samples, threads);
  if (bytes_fit_in_memory(need.bytes())) return;
  struct Part {
    double bytes;
    const char* option;
    const char* suggestion;
  };
  const Part parts[] = {{need.weights, "arch", "fewer units or maps in --arch"},
                        {need.batch, "batch", "a smaller --batch"},
                        {need.threads, "threads", "fewer --threads or a smaller --batch"},
                        {need.prepared, "preprocess", "samples of fewer values"}};
  // No smaller batch helps weights that do not fit by themselves.
  const bool weights_alone = !bytes_fit_in_memory(need.weights);
  const Part& largest = weights_alone ? parts[0] : *std::ranges::max_element(parts, {}, &Part::bytes);
  throw MemoryError(
      fmt::format("{}{}: the training must fit in memory; its weights with the state of {}, twice while a "
                  "checkpoint is written, take {}, a mini-batch of {} samples {}, {} threads {}, "
                  "preparations {}, and the rest 1 GiB; {} are free. Try: {}.",
                  start.count > 1 ? fmt::format("stage {}: ", start.number) : "", largest.option,
                  start.options.training.optimizer.optimizer, bytes_text(need.weights),
                  batch_size(start.options.training, samples), bytes_text(need.batch), threads,
                  bytes_text(need.threads), bytes_text(need.prepared),
                  bytes_text(static_cast<double>(available_memory_bytes())), largest.suggestion));
}

void require_codes_as_they_are(const StageStart& start) {
  if (start.number == 1 || start.options.model.preprocess == "none") return;
  throw InvalidArgument(
      fmt::format("preprocess: only the first stage reads the data, the others read codes; got '{}'. Try: "
                  "preprocess in the first stage.",
                  start.options.model.preprocess));
}

}  // namespace

void StageOptions::visit_options(OptionVisitor& visitor) {
  model.visit_options(visitor);
  training.visit_options(visitor);
}

int resolve_threads(std::int64_t option) {
  return option > 0 ? static_cast<int>(option) : available_threads();
}

void require_architectures(const StageOptions& common, const std::vector<OptionValues>& stages) {
  (void)parse_architecture(common.model.arch);
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const auto arch = stages[s].find("arch");
    if (arch == stages[s].end()) continue;
    try {
      (void)parse_architecture(arch->second);
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(fmt::format("stage {}: {}", s + 1, error.what()));
    }
  }
}

TrainingNeed training_need(const StageStart& start, std::int64_t samples, int threads) {
  const TrainOptions& training = start.options.training;
  const double kinds = training.optimizer.optimizer == "adam" ? 3 : 2;
  const TrainingSize size = training_size(start.options.model, start.sample_shape);
  const auto batch = static_cast<double>(batch_size(training, samples));
  constexpr double kFloat = sizeof(float);
  return {.weights = kFloat * 2 * kinds * size.parameters,
          .batch = kFloat * batch * size.per_sample,
          .threads = kFloat * threads * (size.per_thread + batch * size.per_thread_sample),
          .prepared = kFloat * size.prepared};
}

std::vector<StageStart> plan_stages(const StageOptions& common, const std::vector<OptionValues>& differing,
                                    const Shape& sample_shape, std::int64_t samples, int threads) {
  const std::vector<OptionValues> stages = differing.empty() ? std::vector<OptionValues>(1) : differing;
  std::vector<StageStart> plan;
  Shape shape = sample_shape;
  for (const OptionValues& differences : stages) {
    StageStart start{.number = static_cast<std::int64_t>(plan.size()) + 1,
                     .count = static_cast<std::int64_t>(stages.size()),
                     .options = common,
                     .sample_shape = shape};
    try {
      if (start.number > 1) start.options.model.preprocess = "none";  // the first stage's is done by then
      for (const auto& [name, value] : differences) set_option(start.options, name, value);
      require_codes_as_they_are(start);
      start.options.model = resolve(start.options.model, shape);
      const Architecture arch = parse_architecture(start.options.model.arch);
      start.options.training = resolve(start.options.training, element_count(shape), arch.convolutional());
      require_memory_for_training(start, samples, threads);
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

void fit_preparation(const Context& context, const Samples& samples, double zca_epsilon, Model& model) {
  Stage& stage = model.stages.front();
  fit_preprocessing(context,
                    {.count = samples.count(),
                     .sample_shape = stage.sample_shape,
                     .read = [&](std::int64_t begin, MatrixView<float> out) { samples.read(begin, out); }},
                    zca_epsilon, stage.preprocessing);
}

Samples prepared_samples(const Context& context, const Model& model, const Samples& samples,
                         const TableRoom& room) {
  constexpr std::int64_t kBlock = 1024;
  Tensor<float> table = make_table(room, samples.count(), samples.sample_size(), "preprocess", kFewerSamples);
  for (std::int64_t begin = 0; begin < samples.count(); begin += kBlock) {
    const MatrixView<float> rows = table.matrix().row_range(begin, std::min(begin + kBlock, samples.count()));
    samples.read(begin, rows);
    prepare(context, model, rows, rows);
  }
  Shape shape = model.stages.front().sample_shape;
  shape.insert(shape.begin(), samples.count());
  return Samples(std::move(table).reshaped(shape));
}

Samples codes_as_samples(const Context& context, const Model& model, const Samples& samples,
                         const TableRoom& room) {
  Shape shape = model.top().code_shape();
  shape.insert(shape.begin(), samples.count());
  return Samples(encode_all(context, model, samples, {}, room).reshaped(shape));
}

TrainOutcome train_stages(const Context& context, const std::vector<StageStart>& plan, const Samples& samples,
                          const TableRoom& room, const StageWork& work, Model& model) {
  TrainOutcome outcome = TrainOutcome::finished;
  for (std::size_t s = model.stages.size(); s < plan.size() && outcome == TrainOutcome::finished; ++s) {
    const StageStart& start = plan[s];
    if (work.on_stage) work.on_stage(start);
    const Samples codes = s == 0 ? Samples() : codes_as_samples(context, model, samples, room);
    model.stages.push_back(make_stage(start.options.model, start.sample_shape,
                                      static_cast<std::uint64_t>(start.options.training.seed),
                                      static_cast<std::int64_t>(s)));
    const bool prepares = !model.top().preprocessing.empty();
    if (prepares) fit_preparation(context, samples, start.options.model.zca_epsilon, model);
    const Samples prepared = prepares ? prepared_samples(context, model, samples, room) : Samples();
    const bool as_they_are = s == 0 && !prepares;
    outcome = work.train(start, as_they_are ? samples : prepares ? prepared : codes, as_they_are, model);
  }
  return outcome;
}

}  // namespace wta
