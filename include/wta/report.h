#pragma once
/// Pictures of what was learned.

#include <filesystem>
#include <span>
#include <vector>

#include "wta/context.h"
#include "wta/model.h"
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

/// Atoms of a stage as pictures of the samples, also of a stage that reads the codes of another.
struct AtomPictures {
  Tensor<float> atoms;  ///< [units, tile.height * tile.width * tile.channels]
  TileShape tile;
};

/// Stage `stage`, counted from 0. An atom over feature maps is decoded through the atoms of the stage below:
/// each of its values adds that map's picture, at the centre of the pooling window that it stands for
/// (docs/math.md). Throws InvalidArgument when there is no such stage, or for samples that cannot be drawn.
[[nodiscard]] AtomPictures project_atoms(const Model& model, std::int64_t stage);

/// One cell of a table of pictures. Without values: left blank.
struct Picture {
  TileShape tile;
  std::vector<float> values;  ///< [height, width, channels] from 0 (black) to 1 (white)
};
using PictureTable = std::vector<std::vector<Picture>>;

/// One atom, scaled as in draw_atoms: 0 is mid-grey, its largest magnitude black or white.
[[nodiscard]] Picture atom_picture(const AtomPictures& pictures, std::int64_t unit);

/// Rows of cells, each as large as the largest picture; smaller ones stand in the middle.
void draw_table(const std::filesystem::path& path, const PictureTable& rows);

/// What one sample becomes in the `count` most used maps of a convolutional stage (from 0), a column each;
/// the sample itself stands in front. Rows: atoms (scaled as in draw_atoms) | maps in training, with spatial
/// sparsity (lifetime sparsity needs a batch) | maps with sparsity off | pooled maps, each window in its
/// stride. Maps are scaled by the largest activation of the column: 0 is black. Throws InvalidArgument when
/// the stage is none.
[[nodiscard]] PictureTable map_pictures(const Context& context, const Model& model, std::int64_t stage,
                                        std::span<const float> sample, std::int64_t count);

}  // namespace wta
