#include "app/maps.h"

#include <fmt/format.h>

#include "app/codes.h"
#include "app/train.h"
#include "wta/error.h"
#include "wta/report.h"

namespace wta {

void run_maps(const MapsVerb& verb) {
  const Model model = load_model(verb.run);
  const Context context{.threads = resolve_threads(verb.threads)};
  const Samples samples = load_split(verb.data, verb.split, SplitChoice::test, context).split.samples;
  if (verb.index < 0 || verb.index >= samples.count()) {
    throw InvalidArgument(fmt::format("index: the data has {} samples, counted from 0; got {}. Try: 0.",
                                      samples.count(), verb.index));
  }
  Tensor<float> sample({1, samples.sample_size()});
  samples.read(verb.index, sample.matrix());
  draw_table(verb.out, map_pictures(context, model, verb.stage - 1, sample.span(), verb.count));
}

}  // namespace wta
