// Learns from samples as they come, and looks at what has been learned now and then.
#include <algorithm>
#include <iostream>

#include "wta/dataset.h"
#include "wta/report.h"
#include "wta/trainer.h"

int main() {
  const wta::Context context{.threads = wta::available_threads(), .seed = 1};
  const wta::Samples digits = wta::built_in_digits(context).train.samples;
  const wta::ModelOptions options{.arch = "8conv5-8conv5-8deconv11"};
  wta::OnlineTrainer trainer(context, {}, wta::make_model(options, digits.sample_shape(), context.seed));

  constexpr std::int64_t kPart = 500;
  for (std::int64_t begin = 0; begin < 5 * kPart; begin += kPart) {
    std::vector<std::int64_t> part(kPart);
    std::ranges::generate(part, [next = begin]() mutable { return next++; });
    const wta::EpochMetrics metrics = trainer.learn(digits.subset(part));
    std::cout << metrics.step << " steps: loss " << metrics.loss << '\n';
  }
  const wta::AtomPictures pictures = wta::project_atoms(trainer.model(), 0);
  const std::vector<std::int64_t> order = wta::units_by_usage(trainer.model().top());
  wta::draw_atoms("atoms.png", pictures.atoms.matrix(), order, pictures.tile);
}
