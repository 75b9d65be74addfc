#include "kernels/winograd_gradient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "core/parallel.h"
#include "kernels/conv_backward.h"
#include "kernels/map_cases.h"

namespace wta {
namespace {

using ::testing::ElementsAreArray;
using testing::Maps;
using testing::widen;

struct GradientCase {
  testing::MapCase sizes;
  std::int64_t tile;
};

/// The shapes of all kernels on maps whose kernel has a Winograd form, with each of its tiles.
std::vector<GradientCase> gradient_cases() {
  std::vector<GradientCase> cases;
  for (const testing::MapCase& sizes : testing::map_cases()) {
    for (const std::int64_t tile : cpu::conv_tiles(sizes.kernel)) {
      if (tile > 1) cases.push_back({sizes, tile});
    }
  }
  return cases;
}

std::string gradient_case_name(const ::testing::TestParamInfo<GradientCase>& info) {
  return testing::map_case_name({info.param.sizes, info.index}) + "tile" + std::to_string(info.param.tile);
}

class WinogradGradientTest : public ::testing::TestWithParam<GradientCase> {
 protected:
  const testing::MapCase sizes = GetParam().sizes;
  const cpu::ConvShape shape{.kernel = sizes.kernel,
                             .in = sizes.channels,
                             .out = sizes.units,
                             .height = sizes.height,
                             .width = sizes.width};
  const cpu::WinogradGradient gradient{shape, GetParam().tile};
  const std::int64_t samples = sizes.samples;
  const std::int64_t outputs = sizes.units;
  const std::int64_t columns = shape.kernel * shape.kernel * shape.in;
  const Maps<float> x = testing::random_maps(
      framed(shape.height, shape.width, shape.in, shape.kernel, GetParam().tile), samples, 1);
  const Maps<float> grad =
      testing::random_maps(framed(shape.height, shape.width, shape.out, 1, GetParam().tile), samples, 2);

  struct Rows {
    Rows(std::int64_t count, std::int64_t size) : weight({count, size}), bias({count}) {}
    Tensor<float> weight;
    Tensor<float> bias;
  };

  /// Outputs [begin, end), the samples in groups of `group` that have sums of their own.
  [[nodiscard]] Rows rows_of(std::int64_t begin, std::int64_t end, std::int64_t group) const {
    const std::int64_t count = end - begin;
    const std::int64_t groups = (samples + group - 1) / group;
    Tensor<float> sums({groups, gradient.sums_size(count)});
    AlignedVector<float> scratch(static_cast<std::size_t>(gradient.scratch_size(count)), NAN);
    for (std::int64_t g = 0; g < groups; ++g) {
      const std::int64_t last = std::min(samples, (g + 1) * group);
      gradient.add(grad.view().sample_range(g * group, last), x.view().sample_range(g * group, last), begin,
                   end, sums.matrix().row(g), scratch.data());
    }
    Rows rows(count, columns);
    gradient.finish(sums.matrix(), count, 0, count, rows.weight.matrix(), rows.bias.span());
    return rows;
  }

  /// Against the reference in double. The sums that are added and subtracted are several times larger than
  /// the result, most of all for the outer taps of a kernel of 7; measured errors reach three quarters of the
  /// bound.
  void expect_right(const Rows& rows) const {
    std::vector<std::int32_t> every(static_cast<std::size_t>(x.shape.positions()));
    std::iota(every.begin(), every.end(), 0);
    const std::vector<std::int64_t> count(static_cast<std::size_t>(samples), x.shape.positions());
    Tensor<double> weight({outputs, columns});
    std::vector<double> bias(static_cast<std::size_t>(outputs));
    reference::conv_grad_weight<double>(
        {widen(grad).view(), {{every.data(), samples, x.shape.positions(), 0}, count}}, widen(x).view(),
        shape.kernel, 0, outputs, weight.matrix(), bias);
    const double terms = static_cast<double>(samples * x.shape.positions());
    testing::expect_close(rows.weight.span(), weight.span(),
                          (shape.kernel == 7 ? 2e-5 : 8e-6) * std::sqrt(terms));
    testing::expect_close(rows.bias.span(), bias, 1e-6 * std::sqrt(terms));
  }
};

TEST_P(WinogradGradientTest, EqualsTheReferenceOverEveryPosition) {
  expect_right(rows_of(0, outputs, samples));
}

TEST_P(WinogradGradientTest, GroupsOfSamplesAddUpToTheReference) {
  expect_right(rows_of(0, outputs, 2));
}

TEST_P(WinogradGradientTest, AnyTileOfOutputsHasTheSameBits) {
  const Rows whole = rows_of(0, outputs, samples);
  for (const std::int64_t tile : {3, 8, 32}) {
    for (std::int64_t begin = 0; begin < outputs; begin += tile) {
      const std::int64_t end = std::min(outputs, begin + tile);
      const Rows part = rows_of(begin, end, samples);
      for (std::int64_t o = begin; o < end; ++o) {
        ASSERT_THAT(part.weight.matrix().row_span(o - begin),
                    ElementsAreArray(whole.weight.matrix().row_span(o)))
            << "tile " << tile << ", output " << o;
        ASSERT_EQ(part.bias[o - begin], whole.bias[o]);
      }
    }
  }
}

TEST_P(WinogradGradientTest, SomeRowsAreFinishedToTheSameBits) {
  const Rows whole = rows_of(0, outputs, samples);
  Tensor<float> sums({1, gradient.sums_size(outputs)});
  AlignedVector<float> scratch(static_cast<std::size_t>(gradient.scratch_size(outputs)));
  gradient.add(grad.view(), x.view(), 0, outputs, sums.data(), scratch.data());
  const std::int64_t begin = outputs / 2;
  Rows part(outputs - begin, columns);
  gradient.finish(sums.matrix(), outputs, begin, outputs, part.weight.matrix(), part.bias.span());
  EXPECT_THAT(part.weight.span(),
              ElementsAreArray(whole.weight.span().subspan(static_cast<std::size_t>(begin * columns))));
  EXPECT_THAT(part.bias.span(), ElementsAreArray(whole.bias.span().subspan(static_cast<std::size_t>(begin))));
}

INSTANTIATE_TEST_SUITE_P(Cases, WinogradGradientTest, ::testing::ValuesIn(gradient_cases()),
                         gradient_case_name);

}  // namespace
}  // namespace wta
