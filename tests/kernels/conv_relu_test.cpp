#include "kernels/conv_relu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/parallel.h"
#include "kernels/conv_filters.h"
#include "kernels/kernel_cases.h"

namespace wta {
namespace {

using testing::random_tensor;
using testing::random_vector;
using testing::widen;

struct ConvCase {
  cpu::ConvShape shape;
  std::int64_t samples;
};

/// One channel, tails of vectors and panels, maps smaller than the kernel, several output blocks.
std::vector<ConvCase> conv_cases() {
  return {
      {{1, 3, 5, 4, 3}, 2},      {{1, 1, 1, 1, 1}, 1},     {{3, 1, 1, 1, 1}, 3},      {{3, 17, 33, 7, 5}, 3},
      {{3, 16, 16, 8, 8}, 5},    {{3, 3, 64, 10, 10}, 2},  {{3, 130, 150, 8, 8}, 3},  {{3, 5, 31, 13, 29}, 1},
      {{3, 20, 300, 6, 6}, 2},   {{5, 1, 128, 28, 28}, 2}, {{5, 64, 64, 9, 14}, 3},   {{5, 31, 17, 7, 5}, 4},
      {{5, 128, 48, 28, 28}, 3}, {{5, 3, 7, 1, 1}, 2},     {{5, 18, 129, 12, 12}, 2}, {{5, 2, 3, 60, 61}, 1},
      {{7, 33, 32, 9, 9}, 2},    {{7, 3, 40, 5, 11}, 3},   {{7, 32, 18, 28, 28}, 1},  {{9, 4, 35, 10, 12}, 2},
      {{11, 1, 16, 28, 28}, 1},  {{3, 256, 70, 8, 8}, 2},
  };
}

/// Every case with every algorithm that its kernel has.
struct ForcedCase {
  ConvCase sizes;
  std::int64_t tile;
};

std::vector<ForcedCase> forced_cases() {
  std::vector<ForcedCase> cases;
  for (const ConvCase& sizes : conv_cases()) {
    for (const std::int64_t tile : cpu::conv_tiles(sizes.shape.kernel)) cases.push_back({sizes, tile});
  }
  return cases;
}

std::string forced_name(const ::testing::TestParamInfo<ForcedCase>& info) {
  const auto& [shape, samples] = info.param.sizes;
  return std::to_string(shape.in) + "to" + std::to_string(shape.out) + "k" + std::to_string(shape.kernel) +
         "on" + std::to_string(shape.height) + "x" + std::to_string(shape.width) + "n" +
         std::to_string(samples) + "tile" + std::to_string(info.param.tile);
}

/// Maps and the memory that they lie in.
template <class T>
struct ExactMaps {
  ExactMaps(const MapShape& s, std::int64_t n, T fill)
      : shape(s), samples(n), values(static_cast<std::size_t>(n * s.stored_size()), fill) {}
  [[nodiscard]] MapsView<T> view() { return {values.data(), shape, samples}; }
  [[nodiscard]] ConstMapsView<T> view() const { return {values.data(), shape, samples}; }

  MapShape shape;
  std::int64_t samples;
  /// Of exactly this size: a sanitizer finds what is read behind the frame.
  std::vector<T, AlignedAllocator<T>> values;
};

template <class T>
std::vector<T> interior(ConstMapsView<T> maps) {
  std::vector<T> values;
  for (std::int64_t n = 0; n < maps.samples; ++n) {
    for (std::int64_t p = 0; p < maps.shape.positions(); ++p) {
      const T* at = maps.patch(n, p, 1);
      values.insert(values.end(), at, at + maps.shape.channels);
    }
  }
  return values;
}

template <class T>
void set_interior(MapsView<T> maps, std::span<const float> values) {
  auto from = values.begin();
  for (std::int64_t n = 0; n < maps.samples; ++n) {
    for (std::int64_t p = 0; p < maps.shape.positions(); ++p, from += maps.shape.channels) {
      std::copy_n(from, maps.shape.channels, maps.patch(n, p, 1));
    }
  }
}

class Conv : public ::testing::TestWithParam<ForcedCase> {
 protected:
  Conv() {
    filters.assign(w.matrix(), 0, shape.out);
    set_interior(x.view(), values.span());
  }

  [[nodiscard]] ExactMaps<float> outputs(std::int64_t count, float fill) const {
    return {framed(shape.height, shape.width, shape.out, 3), count, fill};
  }
  [[nodiscard]] ExactMaps<float> conv_relu(ConstMapsView<float> from) {
    ExactMaps<float> h = outputs(from.samples, 0);
    cpu::conv_relu(filters, bias, from, h.view(), scratch.data());
    return h;
  }
  /// The reference in double, rectified or not.
  [[nodiscard]] std::vector<double> expected(bool rectify) const {
    ExactMaps<double> wide(framed(shape.height, shape.width, shape.in, shape.kernel), samples, 0);
    ExactMaps<double> h(framed(shape.height, shape.width, shape.out, 1), samples, 0);
    set_interior(wide.view(), values.span());
    if (rectify) {
      reference::conv_relu<double>(shape.kernel, widen(w).matrix(), widen(bias), wide.view(), h.view());
    } else {
      reference::conv_linear<double>(shape.kernel, widen(w).matrix(), wide.view(), h.view());
    }
    return interior<double>(h.view());
  }
  /// Absolute, for sums of `terms` products of numbers up to 1, which themselves grow with sqrt(terms). One
  /// chain stays within the first bound; the transforms add and subtract numbers that are several times
  /// larger than the result, measured root mean squares are 4 times (4 x 4) to 8 times (6 x 6) larger.
  [[nodiscard]] double tolerance() const {
    constexpr double kRounding = 6e-8;
    const auto terms = static_cast<double>(inputs);
    return kRounding * (GetParam().tile == 1 ? 8 + 1.5 * terms : 1000 + 8 * terms);
  }

  const cpu::ConvShape shape = GetParam().sizes.shape;
  const std::int64_t samples = GetParam().sizes.samples;
  const std::int64_t inputs = shape.kernel * shape.kernel * shape.in;
  const Tensor<float> w = random_tensor({shape.out, inputs}, 1);
  const std::vector<float> bias = random_vector(shape.out, 2);
  const Tensor<float> values = random_tensor({samples, shape.height* shape.width* shape.in}, 3);
  cpu::ConvFilters filters{shape, GetParam().tile};
  ExactMaps<float> x{framed(shape.height, shape.width, shape.in, shape.kernel, filters.input_tile()), samples,
                     0};
  AlignedVector<float> scratch = AlignedVector<float>(static_cast<std::size_t>(filters.scratch_size()), NAN);
};

TEST_P(Conv, ReluEqualsTheReference) {
  EXPECT_THAT(interior<float>(conv_relu(x.view()).view()),
              ::testing::Pointwise(::testing::DoubleNear(tolerance()), expected(true)));
}

TEST_P(Conv, LinearEqualsTheReference) {
  ExactMaps<float> h = outputs(samples, 0);
  cpu::conv_linear(filters, x.view(), h.view(), scratch.data());
  EXPECT_THAT(interior<float>(h.view()),
              ::testing::Pointwise(::testing::DoubleNear(tolerance()), expected(false)));
}

TEST_P(Conv, TheFrameOfTheOutputsIsLeftAsItIs) {
  ExactMaps<float> h = outputs(samples, -7);
  cpu::conv_relu(filters, bias, x.view(), h.view(), scratch.data());
  const std::int64_t written = samples * h.shape.size();
  EXPECT_EQ(std::ranges::count(h.values, -7.0F), std::ssize(h.values) - written);
  for (const float value : interior<float>(h.view())) ASSERT_GE(value, 0);
}

TEST_P(Conv, MaxFindsTheLargestOfTheMaps) {
  Tensor<float> value({samples, shape.out});
  Tensor<std::int32_t> position({samples, shape.out});
  cpu::conv_relu_max(filters, bias, x.view(), value.matrix(), position.matrix(), scratch.data());
  const ExactMaps<float> h = conv_relu(x.view());
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t o = 0; o < shape.out; ++o) {
      std::int64_t best = 0;
      for (std::int64_t p = 1; p < h.shape.positions(); ++p) {
        if (h.view().patch(n, p, 1)[o] > h.view().patch(n, best, 1)[o]) best = p;
      }
      ASSERT_EQ(value.matrix()(n, o), h.view().patch(n, best, 1)[o]) << "sample " << n << " map " << o;
      ASSERT_EQ(position.matrix()(n, o), best) << "sample " << n << " map " << o;
    }
  }
}

TEST_P(Conv, OneSampleHasTheSameBitsAsTheBatch) {
  const std::vector<float> batch = interior<float>(conv_relu(x.view()).view());
  for (std::int64_t n = 0; n < samples; ++n) {
    const std::vector<float> alone =
        interior<float>(conv_relu(ConstMapsView<float>(x.view()).sample_range(n, n + 1)).view());
    ASSERT_TRUE(std::equal(alone.begin(), alone.end(), batch.begin() + n * std::ssize(alone))) << n;
  }
}

TEST_P(Conv, AnyTileOfOutputsIsPreparedToTheSameBits) {
  const std::vector<float> whole = interior<float>(conv_relu(x.view()).view());
  for (const std::int64_t tile : {1, 7, 32}) {
    cpu::ConvFilters tiled(shape, GetParam().tile);
    parallel_for_tiles({.threads = 2}, shape.out, tile,
                       [&](std::int64_t begin, std::int64_t end) { tiled.assign(w.matrix(), begin, end); });
    std::swap(filters, tiled);
    ASSERT_EQ(interior<float>(conv_relu(x.view()).view()), whole) << "tile " << tile;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Conv, ::testing::ValuesIn(forced_cases()), forced_name);

class ConvMax : public ::testing::TestWithParam<ForcedCase> {};

// Filters of zero: every position of a map has exactly the value of its bias.
TEST_P(ConvMax, TiesGoToTheLowestPositionAndNothingAboveZeroIsNoWinner) {
  const cpu::ConvShape& shape = GetParam().sizes.shape;
  const std::int64_t samples = GetParam().sizes.samples;
  const cpu::ConvFilters filters(shape, GetParam().tile);
  const ExactMaps<float> x(framed(shape.height, shape.width, shape.in, shape.kernel, filters.input_tile()),
                           samples, 0);
  const std::vector<float> bias = random_vector(shape.out, 2);
  AlignedVector<float> scratch(static_cast<std::size_t>(filters.scratch_size()));
  Tensor<float> value({samples, shape.out});
  Tensor<std::int32_t> position({samples, shape.out});
  std::ranges::fill(value.span(), -1.0F);
  std::ranges::fill(position.span(), 9);
  cpu::conv_relu_max(filters, bias, x.view(), value.matrix(), position.matrix(), scratch.data());
  for (std::int64_t i = 0; i < value.size(); ++i) {
    ASSERT_EQ(value[i], std::max(0.0F, bias[static_cast<std::size_t>(i % shape.out)]));
    ASSERT_EQ(position[i], 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ConvMax, ::testing::ValuesIn(forced_cases()), forced_name);

// Tiles are visited one after the other, so a later one may hold a lower position. The bias is so large that
// the rounding of the transforms vanishes and equal outputs have equal bits.
TEST(ConvReluMax, EqualValuesInDifferentTilesGoToTheLowestPosition) {
  for (const std::int64_t kernel : {1, 3, 5, 7}) {
    for (const std::int64_t tile : cpu::conv_tiles(kernel)) {
      const cpu::ConvShape shape{kernel, 1, 1, 24, 24};
      cpu::ConvFilters filters(shape, tile);
      Tensor<float> w({1, kernel * kernel});
      w[kernel * kernel / 2] = 1;
      filters.assign(w.matrix(), 0, 1);
      ExactMaps<float> x(framed(24, 24, 1, kernel, tile), 1, 0);
      *x.view().at(0, 1, 0) = *x.view().at(0, 0, tile) = *x.view().at(0, 20, 20) = 1;
      AlignedVector<float> scratch(static_cast<std::size_t>(filters.scratch_size()));
      Tensor<float> value({1, 1});
      Tensor<std::int32_t> position({1, 1});
      const std::vector<float> bias{1024};
      cpu::conv_relu_max(filters, bias, x.view(), value.matrix(), position.matrix(), scratch.data());
      EXPECT_EQ(value[0], 1025);
      EXPECT_EQ(position[0], tile) << "kernel " << kernel << " tile " << tile;
    }
  }
}

TEST(ConvFilters, TheRuleChoosesAnAlgorithmThatTheKernelHas) {
  for (const ConvCase& c : conv_cases()) {
    EXPECT_THAT(cpu::conv_tiles(c.shape.kernel), ::testing::Contains(cpu::best_conv_tile(c.shape)));
    EXPECT_GE(cpu::ConvFilters(c.shape).block_samples(), 1);
  }
}

}  // namespace
}  // namespace wta
