#include "app/pictures.h"

#include <algorithm>
#include <numeric>

#include "io/png.h"
#include "report/atoms.h"

namespace wta {

Image filter_sheet(const Model& model, std::int64_t count, std::int64_t stage) {
  std::vector<std::int64_t> units = units_by_usage(stage_of(model, stage));
  units.resize(std::min(units.size(), static_cast<std::size_t>(count)));
  const AtomPictures pictures = project_atoms(model, stage, units);
  std::iota(units.begin(), units.end(), 0);  // they lie in the order of drawing
  return atom_sheet(pictures.atoms.matrix(), units, pictures.tile, count);
}

void draw_filters(const std::filesystem::path& path, const Model& model, std::int64_t count,
                  std::int64_t stage) {
  write_png(path, filter_sheet(model, count, stage));
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
