#pragma once
/// The cases that every kernel is run on, and random data for them.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kernels/winners.h"
#include "wta/tensor.h"

namespace wta::testing {

/// Winners per unit: none, some (with units that have none), or every sample.
enum class Density { none, some, all };

struct KernelCase {
  std::int64_t units;
  std::int64_t samples;
  std::int64_t columns;
  Density density;
};

inline std::vector<KernelCase> kernel_cases() {
  return {
      {1, 1, 1, Density::all},      {2, 3, 1, Density::some},      {3, 2, 15, Density::all},
      {15, 17, 2, Density::some},   {17, 15, 31, Density::some},   {31, 33, 16, Density::some},
      {33, 31, 17, Density::none},  {48, 8, 32, Density::all},     {49, 9, 33, Density::some},
      {64, 64, 64, Density::some},  {100, 100, 100, Density::all}, {97, 101, 257, Density::some},
      {257, 5, 300, Density::some}, {1100, 6, 40, Density::some},  {70, 500, 513, Density::some},
      {5, 40, 784, Density::none},  {12, 300, 784, Density::all},  {1030, 3, 19, Density::all},
  };
}

inline std::string case_name(const ::testing::TestParamInfo<KernelCase>& info) {
  const KernelCase& c = info.param;
  constexpr const char* kDensity[] = {"None", "Some", "All"};
  return std::to_string(c.units) + "x" + std::to_string(c.samples) + "x" + std::to_string(c.columns) +
         kDensity[static_cast<int>(c.density)];
}

/// Values of a fixed seed, between -1 and 1.
template <class T = float>
Tensor<T> random_tensor(Shape shape, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  Tensor<T> tensor(std::move(shape));
  for (T& value : tensor.span()) value = static_cast<T>(uniform(engine));
  return tensor;
}

template <class T = float>
std::vector<T> random_vector(std::int64_t size, std::uint32_t seed) {
  const Tensor<T> tensor = random_tensor<T>({size}, seed);
  return {tensor.span().begin(), tensor.span().end()};
}

template <class T>
Tensor<double> widen(const Tensor<T>& tensor) {
  Tensor<double> wide(tensor.shape());
  for (std::int64_t i = 0; i < tensor.size(); ++i) wide[i] = static_cast<double>(tensor[i]);
  return wide;
}

inline std::vector<double> widen(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

inline Winners<double> widen(const Winners<float>& winners) {
  Winners<double> wide;
  wide.units = winners.units;
  wide.samples = winners.samples;
  wide.offsets = winners.offsets;
  wide.sample = winners.sample;
  wide.position = winners.position;
  wide.value = {winners.value.begin(), winners.value.end()};
  wide.index_by_sample();
  return wide;
}

/// Winners of random samples and values > 0; with Density::some, a third of the units has none.
inline Winners<float> random_winners(const KernelCase& c, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> uniform(0.01F, 2);
  Winners<float> winners;
  winners.units = c.units;
  winners.samples = c.samples;
  winners.offsets.push_back(0);
  for (std::int64_t u = 0; u < c.units; ++u) {
    const bool empty = c.density == Density::none || (c.density == Density::some && engine() % 3 == 0);
    for (std::int64_t n = 0; n < c.samples && !empty; ++n) {
      if (c.density == Density::some && engine() % 8 != 0) continue;
      winners.sample.push_back(static_cast<std::int32_t>(n));
      winners.value.push_back(uniform(engine));
    }
    winners.offsets.push_back(winners.count());
  }
  winners.index_by_sample();
  return winners;
}

/// Each value within `tolerance` times (1 + the size of the expected one).
template <class Actual, class Expected>
void expect_close(const Actual& actual, const Expected& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double right = static_cast<double>(expected[i]);
    ASSERT_NEAR(static_cast<double>(actual[i]), right, tolerance * (1 + std::abs(right))) << "at " << i;
  }
}

}  // namespace wta::testing
