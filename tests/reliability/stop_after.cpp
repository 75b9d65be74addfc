// Trains as `wta train --recipe RECIPE --out RUN` and stops after so many steps of all stages,
// deterministically.
//
// usage: stop_after STEPS RECIPE RUN [resume]     exit code: 0 trained to the end, 3 stopped, 1 an error

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "app/recipes.h"
#include "app/train.h"

namespace {

wta::TrainOutcome train_some_steps(long steps, const std::string& recipe, const std::string& run,
                                   bool resume) {
  wta::TrainVerb verb;
  wta::apply_config(wta::load_recipe(recipe), verb);
  verb.run.out = run;
  verb.run.resume = resume;
  long taken = 0;
  std::atomic<int> stop{steps > 0 ? 0 : 1};
  wta::TrainObserver observer;
  observer.hooks.on_step = [&](const wta::TrainProgress&) { stop = ++taken >= steps ? 1 : 0; };
  observer.hooks.stop = &stop;
  return wta::run_train(verb, observer).outcome;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  try {
    const bool resume = argc > 4;
    const wta::TrainOutcome outcome = train_some_steps(std::atol(argv[1]), argv[2], argv[3], resume);
    return outcome == wta::TrainOutcome::stopped ? 3 : 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stop_after: %s\n", error.what());
    return 1;
  }
}
