/// Kernels that look at whole maps: spatial selection, the rectifier's touched positions, pooling.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/map_cases.h"
#include "kernels/max_pool.h"
#include "kernels/spatial_selection.h"

namespace wta {
namespace {

using ::testing::ElementsAreArray;
using testing::Maps;

class MapKernels : public ::testing::TestWithParam<testing::MapCase> {
 protected:
  const std::int64_t samples = GetParam().samples;
  const std::int64_t channels = GetParam().channels;
  const MapShape shape = framed(GetParam().height, GetParam().width, channels, GetParam().kernel, 2);
  Maps<float> maps = testing::random_maps(shape, samples, 2);

  /// Few different values, so that there are ties; no value > 0 in every third map.
  void coarsen() {
    for (std::int64_t n = 0; n < samples; ++n) {
      for (std::int64_t i = 0; i < shape.size(); ++i) {
        float& value = maps.view().patch(n, i / channels, 1)[i % channels];
        value = std::round(value * 3);
        if ((n + i % channels) % 3 == 1) value = std::min(value, 0.0F);
      }
    }
  }
};

TEST_P(MapKernels, SelectSpatialEqualsTheReferenceAlsoWhereMapsTie) {
  coarsen();
  Tensor<float> value({samples, channels});
  Tensor<float> expected_value({samples, channels});
  Tensor<std::int32_t> position({samples, channels});
  Tensor<std::int32_t> expected_position({samples, channels});
  cpu::select_spatial(maps.view(), value.matrix(), position.matrix());
  reference::select_spatial<float>(maps.view(), expected_value.matrix(), expected_position.matrix());
  EXPECT_THAT(value.span(), ElementsAreArray(expected_value.span()));
  EXPECT_THAT(position.span(), ElementsAreArray(expected_position.span()));
}

TEST_P(MapKernels, MaxPoolEqualsTheReferenceForAnyWindowAndStride) {
  for (const std::int64_t window : {1, 2, 5, 11}) {
    for (const std::int64_t stride : {1, 3, 6, 40}) {
      const std::int64_t size =
          pooled_extent(shape.height, stride) * pooled_extent(shape.width, stride) * channels;
      Tensor<float> out({samples, size});
      Tensor<float> expected({samples, size});
      cpu::max_pool(maps.view(), window, stride, out.matrix());
      reference::max_pool<float>(maps.view(), window, stride, expected.matrix());
      ASSERT_THAT(out.span(), ElementsAreArray(expected.span())) << window << "/" << stride;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, MapKernels, ::testing::ValuesIn(testing::map_cases()),
                         testing::map_case_name);

TEST(SelectSpatial, TiesGoToTheLowestPositionAndNothingPositiveHasNoWinner) {
  const MapShape shape = framed(2, 2, 2, 3);
  Maps<float> maps(shape, 1);
  const float values[4][2] = {{1, -1}, {3, 0}, {3, -2}, {2, -1}};
  for (int p = 0; p < 4; ++p) std::copy_n(values[p], 2, maps.view().patch(0, p, 1));
  Tensor<float> value({1, 2});
  Tensor<std::int32_t> position({1, 2});
  cpu::select_spatial(maps.view(), value.matrix(), position.matrix());
  EXPECT_THAT(value.span(), ::testing::ElementsAre(3, 0));
  EXPECT_THAT(position.span(), ::testing::ElementsAre(1, 0));
}

TEST(MaxPool, WindowsAreClippedAtTheEdgeAndNeverSeeTheFrame) {
  EXPECT_EQ(pooled_extent(28, 3), 10);
  EXPECT_EQ(pooled_extent(32, 4), 8);
  const MapShape shape = framed(4, 4, 1, 3);
  Maps<float> maps(shape, 1);
  for (int p = 0; p < 16; ++p) *maps.view().patch(0, p, 1) = static_cast<float>(-1 - p);
  Tensor<float> out({1, 4});
  cpu::max_pool(maps.view(), 5, 3, out.matrix());
  EXPECT_THAT(out.span(), ::testing::ElementsAre(-1, -4, -13, -16));
}

}  // namespace
}  // namespace wta
