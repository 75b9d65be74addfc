#include "app/pictures.h"

#include <algorithm>

#include "wta/report.h"

namespace wta {

void draw_filters(const std::filesystem::path& path, const Model& model, std::int64_t count,
                  std::int64_t stage) {
  const AtomPictures pictures = project_atoms(model, stage);
  const std::vector<std::int64_t> order = units_by_usage(model.stages[static_cast<std::size_t>(stage)]);
  draw_atoms(path, pictures.atoms.matrix(), order, pictures.tile, count);
}

void draw_first_reconstructions(const Context& context, const std::filesystem::path& path, const Model& model,
                                const Samples& samples) {
  constexpr std::int64_t kShown = 20;
  const std::int64_t count = std::min(kShown, samples.count());
  Tensor<float> x({count, samples.sample_size()});
  samples.read(0, x.matrix());
  Tensor<float> reconstruction({count, samples.sample_size()});
  reconstruct(context, model, x.matrix(), reconstruction.matrix());
  prepare(context, model, x.matrix(), x.matrix());
  draw_reconstructions(path, x.matrix(), reconstruction.matrix(),
                       tile_shape(model.stages.front().sample_shape));
}

}  // namespace wta
