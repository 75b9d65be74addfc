#pragma once
/// The cases that every kernel on feature maps is run on, and random data for them.

#include <random>
#include <string>
#include <vector>

#include "kernels/kernel_cases.h"
#include "kernels/maps.h"
#include "kernels/winners.h"
#include "wta/tensor.h"

namespace wta::testing {

struct MapCase {
  std::int64_t height;
  std::int64_t width;
  std::int64_t channels;
  std::int64_t units;
  std::int64_t kernel;
  std::int64_t samples;
  Density density;
};

inline std::vector<MapCase> map_cases() {
  return {
      {1, 1, 1, 1, 1, 1, Density::all},       {1, 1, 3, 5, 7, 2, Density::all},
      {7, 5, 1, 17, 11, 3, Density::some},    {7, 5, 3, 9, 3, 4, Density::all},
      {5, 7, 17, 8, 5, 3, Density::some},     {7, 5, 64, 3, 1, 2, Density::some},
      {28, 28, 1, 16, 11, 5, Density::some},  {28, 28, 3, 33, 5, 2, Density::none},
      {28, 28, 17, 20, 5, 3, Density::all},   {28, 28, 128, 40, 5, 2, Density::all},
      {32, 32, 64, 10, 5, 3, Density::some},  {32, 32, 3, 24, 7, 2, Density::some},
      {6, 9, 128, 70, 3, 20, Density::all},   {9, 4, 1, 64, 5, 40, Density::some},
      {12, 12, 40, 12, 11, 4, Density::some}, {3, 11, 65, 31, 7, 6, Density::all},
  };
}

inline std::string map_case_name(const ::testing::TestParamInfo<MapCase>& info) {
  const MapCase& c = info.param;
  constexpr const char* kDensity[] = {"None", "Some", "All"};
  std::string name;
  for (const std::int64_t extent : {c.height, c.width, c.channels, c.units, c.kernel, c.samples}) {
    name += std::to_string(extent) + "x";
  }
  return name + kDensity[static_cast<int>(c.density)];
}

/// Maps of some samples and their frame, which is 0 at first.
template <class T>
struct Maps {
  MapShape shape;
  std::int64_t samples;
  std::vector<T> values;

  Maps(const MapShape& s, std::int64_t n)
      : shape(s), samples(n), values(static_cast<std::size_t>(n * s.stored_size())) {}
  [[nodiscard]] MapsView<T> view() { return {values.data(), shape, samples}; }
  [[nodiscard]] ConstMapsView<T> view() const { return {values.data(), shape, samples}; }
};

/// Values of a fixed seed, between -1 and 1, inside the frame.
template <class T = float>
Maps<T> random_maps(const MapShape& shape, std::int64_t samples, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  Maps<T> maps(shape, samples);
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t y = 0; y < shape.height; ++y) {
      T* row = maps.view().at(n, y, 0);
      for (std::int64_t i = 0; i < shape.width * shape.channels; ++i)
        row[i] = static_cast<T>(uniform(engine));
    }
  }
  return maps;
}

inline Maps<double> widen(const Maps<float>& maps) {
  Maps<double> wide(maps.shape, maps.samples);
  wide.values = widen(maps.values);
  return wide;
}

/// A position of the maps: a corner, one on an edge, or any.
inline std::int32_t random_position(const MapCase& c, std::mt19937& engine) {
  std::int64_t y = static_cast<std::int64_t>(engine()) % c.height;
  std::int64_t x = static_cast<std::int64_t>(engine()) % c.width;
  if (engine() % 3 == 0) y = engine() % 2 == 0 ? 0 : c.height - 1;
  if (engine() % 3 == 0) x = engine() % 2 == 0 ? 0 : c.width - 1;
  return static_cast<std::int32_t>(y * c.width + x);
}

/// Winners of random samples and positions; with Density::some, a third of the units has none, and some
/// have two in the same map. Density::all: one in every map.
inline Winners<float> random_map_winners(const MapCase& c, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> uniform(0.01F, 2);
  Winners<float> winners;
  winners.units = c.units;
  winners.samples = c.samples;
  winners.offsets.push_back(0);
  for (std::int64_t u = 0; u < c.units; ++u) {
    const bool empty = c.density == Density::none || (c.density == Density::some && engine() % 3 == 0);
    for (std::int64_t n = 0; n < c.samples && !empty; ++n) {
      const auto count = c.density == Density::all ? 1 : engine() % 3;
      for (unsigned i = 0; i < count; ++i) {
        winners.sample.push_back(static_cast<std::int32_t>(n));
        winners.position.push_back(random_position(c, engine));
        winners.value.push_back(uniform(engine));
      }
    }
    winners.offsets.push_back(winners.count());
  }
  winners.index_by_sample();
  return winners;
}

}  // namespace wta::testing
