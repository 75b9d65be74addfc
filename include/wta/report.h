#pragma once
/// Pictures of what was learned.

#include <filesystem>
#include <span>

#include "wta/tensor.h"

namespace wta {

/// How a vector of D values is shown as a picture.
struct TileShape {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 1;  ///< 1 or 3
};

/// The shape of a sample's picture: {H,W} and {H,W,C} as they are, {D} as a square when D is one (784 =
/// 28x28), else one row. Throws InvalidArgument for other ranks.
[[nodiscard]] TileShape tile_shape(const Shape& sample_shape);

/// A tidy grid of atoms, row by row in the given order, each scaled by itself so that 0 is mid-grey and its
/// largest magnitude black or white. `order` lists rows of `atoms`, most used first; at most `limit` are
/// drawn.
void draw_atoms(const std::filesystem::path& path, ConstMatrixView<float> atoms,
                std::span<const std::int64_t> order, const TileShape& tile, std::int64_t limit = 1024);

/// Pairs of rows: inputs above, reconstructions below; both cut to the range of the inputs.
void draw_reconstructions(const std::filesystem::path& path, ConstMatrixView<float> inputs,
                          ConstMatrixView<float> reconstructions, const TileShape& tile);

}  // namespace wta
