#pragma once
/// A model as a stack of stages: what each is to be, and how they are trained one on the codes of the other.

#include <functional>
#include <string>
#include <vector>

#include "app/code_table.h"
#include "app/run_folder.h"
#include "wta/dataset.h"
#include "wta/trainer.h"

namespace wta {

/// What may differ from stage to stage of a stack.
struct StageOptions {
  ModelOptions model;
  TrainOptions training;
  void visit_options(OptionVisitor& visitor);
};

/// What begins, before it does.
struct StageStart {
  std::int64_t number = 1;
  std::int64_t count = 1;
  StageOptions options;  ///< resolved
  Shape sample_shape;    ///< of what the stage reads
};

/// Threads to use: the option, or every processor for 0.
[[nodiscard]] int resolve_threads(std::int64_t option);

/// What needs no data to be refused. Throws InvalidArgument.
void require_architectures(const StageOptions& common, const std::vector<OptionValues>& stages);

/// The options of every stage, resolved against the shape of what it reads: `common`, and of each stage what
/// differs (nothing differing: a single stage). Throws InvalidArgument, MemoryError.
[[nodiscard]] std::vector<StageStart> plan_stages(const StageOptions& common,
                                                  const std::vector<OptionValues>& differing,
                                                  const Shape& sample_shape, std::int64_t samples,
                                                  int threads);

/// Bytes that the training of a stage takes at once, beside the program and its data.
struct TrainingNeed {
  double weights = 0;   ///< with the optimiser's state, and all of it again while a checkpoint is written
  double batch = 0;     ///< of one step: samples, maps, gradients, winners
  double threads = 0;   ///< scratch
  double prepared = 0;  ///< other forms of the weights; what preparations are fitted with
  [[nodiscard]] double bytes() const { return weights + batch + threads + prepared; }
};

/// `start` as plan_stages gives it.
[[nodiscard]] TrainingNeed training_need(const StageStart& start, std::int64_t samples, int threads);

/// Throws MemoryError where prepared samples or codes between the stages would not fit.
void require_room_for_tables(const TableRoom& room, const std::vector<StageStart>& plan,
                             std::int64_t samples);

/// Fits what the first stage prepares its samples with.
void fit_preparation(const Context& context, const Samples& samples, double zca_epsilon, Model& model);
/// What the first stage is trained on, where it prepares its samples: [samples, sample shape].
[[nodiscard]] Samples prepared_samples(const Context& context, const Model& model, const Samples& samples,
                                       const TableRoom& room);
/// What a stage above the model's top one is trained on.
[[nodiscard]] Samples codes_as_samples(const Context& context, const Model& model, const Samples& samples,
                                       const TableRoom& room);

/// What train_stages does with each stage.
struct StageWork {
  std::function<void(const StageStart&)> on_stage;  ///< may be empty
  /// Trains the fresh top stage of `model`; `as_they_are`: on the very samples that were handed in.
  std::function<TrainOutcome(const StageStart& start, const Samples& samples, bool as_they_are, Model& model)>
      train;
};

/// Trains the stages of the plan that `model` does not have yet, each on the prepared samples or the codes of
/// those below, until one is stopped.
TrainOutcome train_stages(const Context& context, const std::vector<StageStart>& plan, const Samples& samples,
                          const TableRoom& room, const StageWork& work, Model& model);

}  // namespace wta
