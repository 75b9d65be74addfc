#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/parallel.h"
#include "kernels/map_cases.h"
#include "kernels/paste_patches.h"
#include "kernels/patch_gradient.h"
#include "kernels/patch_weights.h"
#include "kernels/storing_sink.h"

namespace wta {
namespace {

using ::testing::ElementsAreArray;
using testing::expect_close;
using testing::Maps;
using testing::random_tensor;
using testing::random_vector;
using testing::widen;

class PatchKernels : public ::testing::TestWithParam<testing::MapCase> {
 protected:
  const std::int64_t units = GetParam().units;
  const std::int64_t samples = GetParam().samples;
  const std::int64_t kernel = GetParam().kernel;
  const std::int64_t columns = kernel * kernel * GetParam().channels;
  const MapShape shape = framed(GetParam().height, GetParam().width, GetParam().channels, kernel, 4);
  const Winners<float> winners = testing::random_map_winners(GetParam(), 11);
  const Tensor<float> atoms = random_tensor({units, columns}, 1);
  const Maps<float> maps = testing::random_maps(shape, samples, 2);
  /// As the decoder sees: other channels, another kernel, a frame of its own.
  const std::int64_t image_kernel = 3;
  const MapShape image_shape = framed(GetParam().height, GetParam().width, 2, image_kernel);
  const Maps<float> image = testing::random_maps(image_shape, samples, 3);
  const std::vector<float> gradient = random_vector(winners.count(), 4);
  const float scale = 1.0F / static_cast<float>(samples);

  testing::StoringSink<float> weight_rows(std::int64_t tile, std::vector<float>& bias) {
    testing::StoringSink<float> sink;
    const PatchTerms<float> encoder{gradient, maps.view(), kernel, 0.75F};
    const PatchTerms<float> decoder{winners.value, image.view(), image_kernel, scale};
    for (std::int64_t u = 0; u < units; u += tile) {
      cpu::patch_weight_gradients(winners, encoder, decoder, u, std::min(units, u + tile), {0, 2}, sink,
                                  bias);
    }
    return sink;
  }
};

TEST_P(PatchKernels, PasteAddsTheReferenceSum) {
  Maps<float> out = testing::random_maps(shape, samples, 5);
  Maps<double> expected = widen(out);
  cpu::paste_patches(winners, gradient, atoms.matrix(), kernel, 0, samples, out.view());
  reference::paste_patches<double>(widen(winners), widen(gradient), widen(atoms).matrix(), kernel, 0, samples,
                                   expected.view());
  expect_close(out.values, expected.values, 1e-5);
}

TEST_P(PatchKernels, PasteHasTheSameBitsForAnyTileOfSamples) {
  Maps<float> whole(shape, samples);
  cpu::paste_patches(winners, winners.value, atoms.matrix(), kernel, 0, samples, whole.view());
  Maps<float> tiled(shape, samples);
  parallel_for_tiles({.threads = 2}, samples, 1, [&](std::int64_t begin, std::int64_t end) {
    cpu::paste_patches(winners, winners.value, atoms.matrix(), kernel, begin, end, tiled.view());
  });
  EXPECT_THAT(tiled.values, ElementsAreArray(whole.values));
}

TEST_P(PatchKernels, ClearFrameLeavesTheMapsAndNothingElse) {
  Maps<float> full(shape, samples);
  std::fill(full.values.begin(), full.values.end(), 7.0F);
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t y = 0; y < shape.height; ++y) {
      std::copy_n(maps.view().at(n, y, 0), shape.width * shape.channels, full.view().at(n, y, 0));
    }
  }
  clear_frame(full.view());
  EXPECT_THAT(full.values, ElementsAreArray(maps.values));
}

TEST_P(PatchKernels, GradientEqualsTheReference) {
  std::vector<float> out(gradient.size());
  std::vector<double> expected(gradient.size());
  cpu::gradient_at_patches(winners, atoms.matrix(), kernel, maps.view(), scale, 0, samples, out);
  reference::gradient_at_patches<double>(widen(winners), widen(atoms).matrix(), kernel, widen(maps).view(),
                                         static_cast<double>(scale), 0, samples, expected);
  expect_close(out, expected, 1e-5 * static_cast<double>(scale) * std::sqrt(static_cast<double>(columns)));
}

TEST_P(PatchKernels, GradientOfATileOfSamplesHasTheSameBitsAndTouchesNoOther) {
  std::vector<float> whole(gradient.size());
  cpu::gradient_at_patches(winners, atoms.matrix(), kernel, maps.view(), scale, 0, samples, whole);
  const std::int64_t begin = samples / 3;
  const std::int64_t end = samples - samples / 3;
  std::vector<float> part(gradient.size(), -7.0F);
  cpu::gradient_at_patches(winners, atoms.matrix(), kernel, maps.view(), scale, begin, end, part);
  for (std::int64_t w = 0; w < winners.count(); ++w) {
    const bool inside = winners.sample[w] >= begin && winners.sample[w] < end;
    ASSERT_EQ(part[w], inside ? whole[w] : -7.0F) << "winner " << w;
  }
}

TEST_P(PatchKernels, WeightRowsEqualTheReference) {
  std::vector<float> bias(static_cast<std::size_t>(units), -7.0F);
  const testing::StoringSink<float> sink = weight_rows(units, bias);
  testing::StoringSink<double> expected;
  std::vector<double> expected_bias(bias.size());
  const Maps<double> wide_maps = widen(maps);
  const Maps<double> wide_image = widen(image);
  const std::vector<double> wide_gradient = widen(gradient);
  const Winners<double> wide_winners = widen(winners);
  reference::patch_weight_gradients<double>(
      wide_winners, {wide_gradient, wide_maps.view(), kernel, 0.75},
      {wide_winners.value, wide_image.view(), image_kernel, static_cast<double>(scale)}, 0, units, {0, 2},
      expected, expected_bias);
  expect_close(bias, expected_bias, 1e-5);
  ASSERT_EQ(sink.calls, 2 * units);
  ASSERT_EQ(sink.rows.size(), expected.rows.size());
  for (const auto& [key, row] : expected.rows) expect_close(sink.rows.at(key), row, 1e-5);
}

TEST_P(PatchKernels, WeightRowsHaveTheSameBitsForAnyTileOfUnits) {
  std::vector<float> bias(static_cast<std::size_t>(units));
  const testing::StoringSink<float> whole = weight_rows(units, bias);
  for (const std::int64_t tile : {1, 5, 64}) {
    std::vector<float> tiled_bias(bias.size());
    const testing::StoringSink<float> tiled = weight_rows(tile, tiled_bias);
    ASSERT_EQ(tiled.rows, whole.rows) << "tile " << tile;
    ASSERT_EQ(tiled_bias, bias) << "tile " << tile;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, PatchKernels, ::testing::ValuesIn(testing::map_cases()),
                         testing::map_case_name);

}  // namespace
}  // namespace wta
