#include "app/train.h"

#include <algorithm>
#include <chrono>

#include "app/pictures.h"
#include "wta/error.h"

namespace wta {

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

void TrainVerb::visit_options(OptionVisitor& visitor) {
  data.visit_options(visitor);
  model.visit_options(visitor);
  training.visit_options(visitor);
  run.visit_options(visitor);
}

int resolve_threads(std::int64_t option) {
  return option > 0 ? static_cast<int>(option) : available_threads();
}

TrainReport run_train(const TrainVerb& verb, const TrainHooks& hooks,
                      const std::function<void(const Dataset&)>& started) {
  const auto start = std::chrono::steady_clock::now();
  const RunFolder run{verb.run.out};
  const auto seed = static_cast<std::uint64_t>(verb.training.seed);
  const Context context{.threads = resolve_threads(verb.run.threads), .seed = seed};
  (void)parse_architecture(verb.model.arch);  // refused before any data is read
  const Dataset dataset = load_dataset(verb.data, context);
  Model model = make_model(verb.model, dataset.train.samples.sample_shape(), seed);
  model.class_names = dataset.class_names;
  model.options.merge(values_of(verb.data, Effect::result));
  prepare_run_folder(run, verb.run.resume, verb.run.overwrite);
  if (!verb.run.resume) write_config(run.config(), describe(verb));
  if (started) started(dataset);
  TrainReport report;
  report.outcome =
      train(context, verb.training, dataset.train.samples, run.path, verb.run.resume, hooks, model);
  report.summary = model.summary;
  report.units = model.network.units();
  if (report.outcome == TrainOutcome::finished) {
    draw_filters(run.filters(), model);
    const Split& shown = dataset.test.samples.count() > 0 ? dataset.test : dataset.train;
    draw_first_reconstructions(context, run.reconstructions(), model, shown.samples);
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace wta
