#include "report/stage_features.h"

#include <algorithm>
#include <utility>

#include "core/parallel.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::int64_t kStrongest = 12;
constexpr std::int64_t kSimilar = 8;
constexpr std::int64_t kBlock = 1024;
constexpr std::int64_t kBlockFloats = std::int64_t{4} << 20;

// The stages up to `stage`, whose maps are not pooled.
Model unpooled(const Model& model, std::int64_t stage) {
  const auto end = model.stages.begin() + stage + 1;
  Model part{.stages = {model.stages.begin(), end}, .class_names = {}};
  part.top().pooling = {};
  return part;
}

std::int64_t block_samples(const Model& model) {
  std::int64_t largest = 1;
  for (const Stage& stage : model.stages) {
    largest = std::max(
        largest, stage.network.convolutional()
                     ? stage.network.input_shape[0] * stage.network.input_shape[1] * stage.network.units()
                     : stage.network.units());
  }
  return std::clamp<std::int64_t>(kBlockFloats / largest, 16, kBlock);
}

// Of each map of each sample the largest value and its position; ties: lowest position.
// maps [samples, positions * units] -> value, position [samples, units] (assigns).
void largest_of_maps(const Context& context, ConstMatrixView<float> maps, MatrixView<float> value,
                     MatrixView<std::int32_t> position) {
  parallel_for(context, maps.rows, [&](std::int64_t n) {
    const std::int64_t units = value.cols;
    std::copy_n(maps.row(n), units, value.row(n));
    std::fill_n(position.row(n), units, 0);
    for (std::int64_t i = units; i < maps.cols; ++i) {
      const std::int64_t unit = i % units;
      if (maps(n, i) <= value(n, unit)) continue;
      value(n, unit) = maps(n, i);
      position(n, unit) = static_cast<std::int32_t>(i / units);
    }
  });
}

std::span<const std::int32_t> labels_of(const Split& split, std::int64_t begin, std::int64_t rows,
                                        std::int64_t classes) {
  if (classes == 0 || split.labels.empty()) return {};
  return std::span(split.labels).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(rows));
}

FeatureStatistics gather_statistics(const Context& context, const Model& model, std::int64_t stage,
                                    const Split& split, std::int64_t classes) {
  const Model part = unpooled(model, stage);
  const Autoencoder& network = model.stages[static_cast<std::size_t>(stage)].network;
  FeatureStatistics statistics(network, classes, kStrongest);
  const std::int64_t most = block_samples(part);
  Tensor<float> x({most, split.samples.sample_size()});
  Tensor<float> codes({most, code_size(part)});
  Tensor<float> value({network.convolutional() ? most : 0, network.units()});
  Tensor<std::int32_t> position(value.shape());
  for (std::int64_t begin = 0; begin < split.samples.count(); begin += most) {
    const std::int64_t rows = std::min(most, split.samples.count() - begin);
    split.samples.read(begin, x.matrix().row_range(0, rows));
    const MatrixView<float> block = codes.matrix().row_range(0, rows);
    encode(context, part, std::as_const(x).matrix().row_range(0, rows), block);
    ActivationBlock activations{
        .first = begin, .values = block, .where = {}, .labels = labels_of(split, begin, rows, classes)};
    if (network.convolutional()) {
      largest_of_maps(context, block, value.matrix().row_range(0, rows),
                      position.matrix().row_range(0, rows));
      activations.values = value.matrix().row_range(0, rows);
      activations.where = position.matrix().row_range(0, rows);
    }
    statistics.add(context, activations);
  }
  return statistics;
}

AtomPictures pictures_or_rows(const Model& model, std::int64_t stage) {
  try {
    return project_atoms(model, stage);
  } catch (const InvalidArgument&) {
    const ConstMatrixView<float> atoms = model.stages[static_cast<std::size_t>(stage)].network.atoms();
    const std::span<const float> values(atoms.data, static_cast<std::size_t>(atoms.rows * atoms.cols));
    return {.atoms = Tensor<float>({atoms.rows, atoms.cols}, values),
            .tile = {.height = 1, .width = atoms.cols}};
  }
}

}  // namespace

StageFeatures gather_features(const Context& context, const Model& model, std::int64_t stage,
                              const Split& split, std::int64_t classes) {
  const Autoencoder& network = model.stages[static_cast<std::size_t>(stage)].network;
  return {.pictures = pictures_or_rows(model, stage),
          .statistics = gather_statistics(context, model, stage, split, classes),
          .similar = similar_atoms(context, network.atoms(), kSimilar)};
}

PicturePosition pixel_of(const Model& model, std::int64_t stage, std::int64_t position) {
  const std::int64_t width = model.stages[static_cast<std::size_t>(stage)].network.input_shape[1];
  PicturePosition pixel{.y = position / width, .x = position % width};
  for (auto s = static_cast<std::size_t>(stage); s-- > 0;) {
    const Pooling& pooling = model.stages[s].pooling;
    if (pooling.window == 0) continue;
    const Shape& below = model.stages[s].network.input_shape;
    pixel.y = std::min(pixel.y * pooling.stride + pooling.window / 2, below[0] - 1);
    pixel.x = std::min(pixel.x * pooling.stride + pooling.window / 2, below[1] - 1);
  }
  return pixel;
}

TileShape tile_or_row(const Shape& sample_shape) {
  try {
    return tile_shape(sample_shape);
  } catch (const InvalidArgument&) {
    return {.height = 1, .width = element_count(sample_shape)};
  }
}

}  // namespace wta
