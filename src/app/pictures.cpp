#include "app/pictures.h"

#include <algorithm>

#include "wta/report.h"

namespace wta {

void draw_filters(const std::filesystem::path& path, const Model& model, std::int64_t count) {
  const Stage& stage = model.stages.front();
  const Shape tile = stage.network.convolutional() ? stage.network.atom_shape() : stage.sample_shape;
  draw_atoms(path, stage.network.atoms(), units_by_usage(stage), tile_shape(tile), count);
}

void draw_first_reconstructions(const Context& context, const std::filesystem::path& path, const Model& model,
                                const Samples& samples) {
  constexpr std::int64_t kShown = 20;
  const std::int64_t count = std::min(kShown, samples.count());
  Tensor<float> x({count, samples.sample_size()});
  samples.read(0, x.matrix());
  Tensor<float> reconstruction({count, samples.sample_size()});
  reconstruct(context, model, x.matrix(), reconstruction.matrix());
  draw_reconstructions(path, x.matrix(), reconstruction.matrix(),
                       tile_shape(model.stages.front().sample_shape));
}

}  // namespace wta
