#include <fmt/format.h>

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
AtomPictures project_through(const AtomPictures& below, const Stage& stage, std::int64_t step) {
  const Shape extents = atom_extents(stage);
  AtomPictures result;
  result.tile = {.height = (extents[0] - 1) * step + below.tile.height,
                 .width = (extents[1] - 1) * step + below.tile.width,
                 .channels = below.tile.channels};
  const ConstMatrixView<float> atoms = stage.network.atoms();
  result.atoms = Tensor<float>({atoms.rows, result.tile.height, result.tile.width, result.tile.channels});
  for (std::int64_t u = 0; u < atoms.rows; ++u) {
    for (std::int64_t d = 0; d < atoms.cols; ++d) {
      const std::int64_t cell = d / extents[2];
      add_picture(below.atoms.matrix().row_span(d % extents[2]), below.tile, atoms(u, d),
                  cell / extents[1] * step, cell % extents[1] * step, result.tile,
                  result.atoms.matrix().row_span(u));
    }
  }
  return result;
}

AtomPictures first_atoms(const Stage& stage) {
  const ConstMatrixView<float> atoms = stage.network.atoms();
  const Shape shape = stage.network.convolutional() ? stage.network.atom_shape() : stage.sample_shape;
  return {.atoms = Tensor<float>({atoms.rows, atoms.cols},
                                 {atoms.data, static_cast<std::size_t>(atoms.rows * atoms.cols)}),
          .tile = tile_shape(shape)};
}

}  // namespace

AtomPictures project_atoms(const Model& model, std::int64_t stage) {
  const auto count = static_cast<std::int64_t>(model.stages.size());
  if (stage < 0 || stage >= count) {
    throw InvalidArgument(
        fmt::format("stage: the model has {} stages; got {}. Try: 1..{}.", count, stage + 1, count));
  }
  AtomPictures pictures = first_atoms(model.stages.front());
  std::int64_t step = 1;
  for (std::size_t s = 1; s <= static_cast<std::size_t>(stage); ++s) {
    const Pooling& pooling = model.stages[s - 1].pooling;
    if (pooling.window > 0) step *= pooling.stride;
    pictures = project_through(pictures, model.stages[s], step);
  }
  return pictures;
}

}  // namespace wta
