// Prints the bytes that the training of a recipe is expected to take beside the program and its data; of a
// stack, those of its largest stage.
//
// usage: training_need RECIPE

#include <algorithm>
#include <cstdio>
#include <exception>

#include "app/recipes.h"
#include "app/train.h"

namespace {

double bytes_of(const wta::TrainVerb& verb) {
  const int threads = wta::resolve_threads(verb.run.threads);
  const wta::Samples samples = wta::load_dataset(verb.data, {.threads = threads}).train.samples;
  double most = 0;
  for (const wta::StageStart& start :
       wta::plan_stages(verb.stage, verb.stages, samples.sample_shape(), samples.count(), threads)) {
    most = std::max(most, wta::training_need(start, samples.count(), threads).bytes());
  }
  return most;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    wta::TrainVerb verb;
    wta::apply_config(wta::load_recipe(argv[1]), verb);
    std::printf("%.0f\n", bytes_of(verb));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "training_need: %s\n", error.what());
    return 1;
  }
}
