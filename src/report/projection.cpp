#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "report/atoms.h"
#include "wta/error.h"
#include "wta/report.h"

namespace wta {
namespace {

// An atom as [height, width, channels]; what an fc stage reads is one atom wide.
Shape atom_extents(const Stage& stage) {
  Shape shape = stage.network.convolutional() ? stage.network.atom_shape() : stage.sample_shape;
  if (shape.size() == 3) return shape;
  if (shape.size() == 2) return {shape[0], shape[1], 1};
  return {1, 1, element_count(shape)};
}

// target[y, x, :] += value * source[y - top, x - left, :]
void add_picture(std::span<const float> source, const TileShape& source_tile, float value, std::int64_t top,
                 std::int64_t left, const TileShape& target_tile, std::span<float> target) {
  const std::int64_t row = source_tile.width * source_tile.channels;
  for (std::int64_t y = 0; y < source_tile.height; ++y) {
    const auto from = static_cast<std::size_t>(y * row);
    const auto to = static_cast<std::size_t>(((top + y) * target_tile.width + left) * target_tile.channels);
    for (std::size_t i = 0; i < static_cast<std::size_t>(row); ++i) {
      target[to + i] += value * source[from + i];
    }
  }
}

// `step`: pixels from one cell of the stage's input to the next.
AtomPictures project_through(const AtomPictures& below, const Stage& stage, std::int64_t step,
                             std::span<const std::int64_t> units) {
  const Shape extents = atom_extents(stage);
  AtomPictures result;
  result.tile = {.height = (extents[0] - 1) * step + below.tile.height,
                 .width = (extents[1] - 1) * step + below.tile.width,
                 .channels = below.tile.channels};
  const ConstMatrixView<float> atoms = stage.network.atoms();
  const auto count = static_cast<std::int64_t>(units.size());
  result.atoms = Tensor<float>({count, result.tile.height, result.tile.width, result.tile.channels});
  for (std::int64_t i = 0; i < count; ++i) {
    const std::span<const float> atom = atoms.row_span(units[static_cast<std::size_t>(i)]);
    for (std::int64_t d = 0; d < atoms.cols; ++d) {
      const std::int64_t cell = d / extents[2];
      add_picture(below.atoms.matrix().row_span(d % extents[2]), below.tile,
                  atom[static_cast<std::size_t>(d)], cell / extents[1] * step, cell % extents[1] * step,
                  result.tile, result.atoms.matrix().row_span(i));
    }
  }
  return result;
}

AtomPictures first_atoms(const Stage& stage, std::span<const std::int64_t> units) {
  const ConstMatrixView<float> atoms = stage.network.atoms();
  const Shape shape = stage.network.convolutional() ? stage.network.atom_shape() : stage.sample_shape;
  AtomPictures pictures{.atoms = Tensor<float>({static_cast<std::int64_t>(units.size()), atoms.cols}),
                        .tile = tile_shape(shape)};
  float* row = pictures.atoms.matrix().data;
  for (const std::int64_t unit : units) row = std::ranges::copy(atoms.row_span(unit), row).out;
  return pictures;
}

std::vector<std::int64_t> all_units(const Stage& stage) {
  std::vector<std::int64_t> units(static_cast<std::size_t>(stage.network.units()));
  std::iota(units.begin(), units.end(), 0);
  return units;
}

}  // namespace

const Stage& stage_of(const Model& model, std::int64_t stage) {
  const auto count = static_cast<std::int64_t>(model.stages.size());
  if (stage >= 0 && stage < count) return model.stages[static_cast<std::size_t>(stage)];
  throw InvalidArgument(
      fmt::format("stage: the model has {} stages; got {}. Try: 1..{}.", count, stage + 1, count));
}

AtomPictures project_atoms(const Model& model, std::int64_t stage, std::span<const std::int64_t> units) {
  (void)stage_of(model, stage);
  const auto last = static_cast<std::size_t>(stage);
  AtomPictures pictures;
  std::int64_t step = 1;
  for (std::size_t s = 0; s <= last; ++s) {
    const Stage& here = model.stages[s];
    const auto drawn = s == last ? std::vector(units.begin(), units.end()) : all_units(here);
    pictures = s == 0 ? first_atoms(here, drawn) : project_through(pictures, here, step, drawn);
    if (here.pooling.window > 0) step *= here.pooling.stride;
  }
  return pictures;
}

AtomPictures project_atoms(const Model& model, std::int64_t stage) {
  return project_atoms(model, stage, all_units(stage_of(model, stage)));
}

}  // namespace wta
