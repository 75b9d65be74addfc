#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wta/error.h"
#include "wta/report.h"

namespace wta {
namespace {

void require_maps(const Stage& stage) {
  if (stage.network.convolutional()) return;
  throw InvalidArgument(
      fmt::format("maps: only a convolutional stage has feature maps; got '{}'. Try: wta filters.",
                  stage.options.at("arch")));
}

// Codes of the last stage for one sample.
Tensor<float> code_of(const Context& context, const Model& model, std::span<const float> sample) {
  Tensor<float> code({1, code_size(model)});
  encode(context, model, {sample.data(), 1, static_cast<std::int64_t>(sample.size())}, code.matrix());
  return std::move(code).reshaped(model.top().code_shape());
}

// Map `map` of [height, width, maps], divided by `largest`.
Picture one_map(const Tensor<float>& maps, std::int64_t map, float largest) {
  Picture picture{.tile = {.height = maps.shape()[0], .width = maps.shape()[1]}, .values = {}};
  for (std::int64_t i = map; i < maps.size(); i += maps.shape()[2]) {
    picture.values.push_back(largest > 0 ? maps[i] / largest : 0.0F);
  }
  return picture;
}

// Ties: lowest position.
Picture winner_alone(Picture map) {
  const auto winner = std::ranges::max_element(map.values);
  for (auto value = map.values.begin(); value != map.values.end(); ++value) {
    if (value != winner) *value = 0;
  }
  return map;
}

// Every pooled value as a square of `stride` pixels, cut to the size of the map.
Picture spread(const Picture& pooled, std::int64_t stride, const TileShape& map) {
  Picture picture{.tile = map, .values = {}};
  for (std::int64_t y = 0; y < map.height; ++y) {
    for (std::int64_t x = 0; x < map.width; ++x) {
      const std::int64_t cell = y / stride * pooled.tile.width + x / stride;
      picture.values.push_back(pooled.values[static_cast<std::size_t>(cell)]);
    }
  }
  return picture;
}

Picture sample_picture(const Model& model, std::span<const float> sample) {
  Picture picture{.tile = tile_shape(model.stages.front().sample_shape), .values = {}};
  const auto [low, high] = std::ranges::minmax(sample);
  for (const float value : sample) picture.values.push_back(high > low ? (value - low) / (high - low) : 0);
  return picture;
}

}  // namespace

Picture atom_picture(const AtomPictures& pictures, std::int64_t unit) {
  Picture picture{.tile = pictures.tile, .values = {}};
  const std::span<const float> atom = pictures.atoms.matrix().row_span(unit);
  float largest = 0;
  for (const float value : atom) largest = std::max(largest, std::abs(value));
  for (const float value : atom) picture.values.push_back(largest > 0 ? 0.5F + 0.5F * value / largest : 0.5F);
  return picture;
}

PictureTable map_pictures(const Context& context, const Model& model, std::int64_t stage,
                          std::span<const float> sample, std::int64_t count) {
  const AtomPictures atoms = project_atoms(model, stage);
  require_maps(model.stages[static_cast<std::size_t>(stage)]);
  Model upto = model;
  upto.stages.resize(static_cast<std::size_t>(stage) + 1);
  const Pooling pooling = upto.top().pooling;
  const Tensor<float> pooled = code_of(context, upto, sample);
  upto.top().pooling = {};
  const Tensor<float> maps = code_of(context, upto, sample);
  PictureTable rows(4, std::vector<Picture>(1));
  rows[0][0] = sample_picture(model, sample);
  for (const std::int64_t unit : units_by_usage(upto.top())) {
    if (static_cast<std::int64_t>(rows[0].size()) > count) break;
    const std::vector<float> raw = one_map(maps, unit, 1).values;
    const float largest = *std::ranges::max_element(raw);
    const Picture map = one_map(maps, unit, largest);
    rows[0].push_back(atom_picture(atoms, unit));
    rows[1].push_back(upto.top().network.spatial ? winner_alone(map) : map);
    rows[2].push_back(map);
    rows[3].push_back(
        spread(one_map(pooled, unit, largest), std::max<std::int64_t>(1, pooling.stride), map.tile));
  }
  return rows;
}

}  // namespace wta
