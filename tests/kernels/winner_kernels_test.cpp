#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/parallel.h"
#include "kernels/accumulate_atoms.h"
#include "kernels/kernel_cases.h"
#include "kernels/one_layer_backward.h"
#include "kernels/storing_sink.h"
#include "kernels/winner_gradient.h"
#include "kernels/winner_weights.h"

namespace wta {
namespace {

using testing::expect_close;
using testing::random_tensor;
using testing::random_vector;
using testing::widen;

class WinnerKernels : public ::testing::TestWithParam<testing::KernelCase> {
 protected:
  const std::int64_t units = GetParam().units;
  const std::int64_t samples = GetParam().samples;
  const std::int64_t columns = GetParam().columns;
  const Winners<float> winners = testing::random_winners(GetParam(), 11);
  const Tensor<float> atoms = random_tensor({units, columns}, 1);
  const Tensor<float> input = random_tensor({samples, columns}, 2);
  const Tensor<float> residual = random_tensor({samples, columns}, 3);
  const std::vector<float> gradient = random_vector(winners.count(), 4);
  const float scale = 1.0F / static_cast<float>(samples);

  testing::StoringSink<float> weight_rows(const WinnerWeightRows& rows, std::int64_t tile,
                                          std::vector<float>& bias) {
    testing::StoringSink<float> sink;
    for (std::int64_t u = 0; u < units; u += tile) {
      cpu::winner_weight_gradients(winners, gradient, input.matrix(), residual.matrix(), scale, u,
                                   std::min(units, u + tile), rows, sink, bias);
    }
    return sink;
  }

  void expect_reference_rows(const WinnerWeightRows& rows) {
    std::vector<float> bias(static_cast<std::size_t>(units), -7.0F);
    const testing::StoringSink<float> sink = weight_rows(rows, units, bias);
    testing::StoringSink<double> expected;
    std::vector<double> expected_bias(bias.size());
    reference::winner_weight_gradients<double>(widen(winners), widen(gradient), widen(input).matrix(),
                                               widen(residual).matrix(), static_cast<double>(scale), 0, units,
                                               rows, expected, expected_bias);
    expect_close(bias, expected_bias, 1e-5);
    ASSERT_EQ(sink.calls, expected.calls);
    ASSERT_EQ(sink.rows.size(), expected.rows.size());
    for (const auto& [key, row] : expected.rows) expect_close(sink.rows.at(key), row, 1e-5);
  }
};

TEST_P(WinnerKernels, AccumulateAddsTheReferenceSum) {
  Tensor<float> out = random_tensor({samples, columns}, 5);
  Tensor<double> expected = widen(out);
  cpu::accumulate_atoms(winners, winners.value, atoms.matrix(), 0, columns, out.matrix());
  reference::accumulate_atoms<double>(widen(winners), widen(winners.value), widen(atoms).matrix(), 0, columns,
                                      expected.matrix());
  expect_close(out.span(), expected.span(), 1e-5);
}

TEST_P(WinnerKernels, AccumulateHasTheSameBitsForAnyColumnTile) {
  Tensor<float> whole({samples, columns});
  cpu::accumulate_atoms(winners, gradient, atoms.matrix(), 0, columns, whole.matrix());
  for (const std::int64_t tile : {1, 10, 48, 64}) {
    Tensor<float> tiled({samples, columns});
    parallel_for_tiles({.threads = 2}, columns, tile, [&](std::int64_t begin, std::int64_t end) {
      cpu::accumulate_atoms(winners, gradient, atoms.matrix(), begin, end, tiled.matrix());
    });
    ASSERT_THAT(tiled.span(), ::testing::ElementsAreArray(whole.span())) << "tile " << tile;
  }
}

// Tied and untied, in tiles: the bits of the two kernels that it stands for.
TEST_P(WinnerKernels, OneLayerBackwardHasTheBitsOfGradientThenRows) {
  const OneLayerTerms<float> terms{atoms.matrix(), input.matrix(), residual.matrix(), 2 * scale, scale};
  for (const WinnerWeightRows& rows : {WinnerWeightRows{0, 2}, WinnerWeightRows{5, 5}}) {
    std::vector<float> found(gradient.size());
    cpu::gradient_at_winners(winners, atoms.matrix(), residual.matrix(), 2 * scale, 0, units, found);
    testing::StoringSink<float> expected;
    std::vector<float> expected_bias(static_cast<std::size_t>(units));
    cpu::winner_weight_gradients(winners, found, input.matrix(), residual.matrix(), scale, 0, units, rows,
                                 expected, expected_bias);
    for (const std::int64_t tile : {std::int64_t{7}, units}) {
      testing::StoringSink<float> sink;
      std::vector<float> own(gradient.size(), -7.0F);
      std::vector<float> bias(static_cast<std::size_t>(units), -7.0F);
      for (std::int64_t u = 0; u < units; u += tile) {
        cpu::one_layer_backward(winners, terms, u, std::min(units, u + tile), own, rows, sink, bias);
      }
      EXPECT_EQ(own, found) << "tile " << tile;
      EXPECT_EQ(bias, expected_bias) << "tile " << tile;
      EXPECT_EQ(sink.calls, expected.calls) << "tile " << tile;
      EXPECT_EQ(sink.rows, expected.rows) << "tile " << tile;
    }
  }
}

TEST_P(WinnerKernels, OneLayerBackwardEqualsTheReference) {
  const WinnerWeightRows rows{0, 2};
  const OneLayerTerms<float> terms{atoms.matrix(), input.matrix(), residual.matrix(), scale, scale};
  const Tensor<double> wide_atoms = widen(atoms);
  const Tensor<double> wide_input = widen(input);
  const Tensor<double> wide_residual = widen(residual);
  const OneLayerTerms<double> wide{wide_atoms.matrix(), wide_input.matrix(), wide_residual.matrix(), scale,
                                   scale};
  testing::StoringSink<float> sink;
  testing::StoringSink<double> expected;
  std::vector<float> found(gradient.size());
  std::vector<double> expected_gradient(gradient.size());
  std::vector<float> bias(static_cast<std::size_t>(units));
  std::vector<double> expected_bias(bias.size());
  cpu::one_layer_backward(winners, terms, 0, units, found, rows, sink, bias);
  reference::one_layer_backward<double>(widen(winners), wide, 0, units, expected_gradient, rows, expected,
                                        expected_bias);
  expect_close(found, expected_gradient, 1e-5);
  expect_close(bias, expected_bias, 1e-5);
  ASSERT_EQ(sink.calls, expected.calls);
  for (const auto& [key, row] : expected.rows) expect_close(sink.rows.at(key), row, 1e-5);
}

TEST_P(WinnerKernels, GradientEqualsTheReference) {
  std::vector<float> out(gradient.size());
  std::vector<double> expected(gradient.size());
  cpu::gradient_at_winners(winners, atoms.matrix(), residual.matrix(), scale, 0, units, out);
  reference::gradient_at_winners<double>(widen(winners), widen(atoms).matrix(), widen(residual).matrix(),
                                         static_cast<double>(scale), 0, units, expected);
  expect_close(out, expected, 1e-5 * static_cast<double>(scale) * std::sqrt(static_cast<double>(columns)));
}

TEST_P(WinnerKernels, GradientOfATileOfUnitsHasTheSameBitsAndTouchesNoOther) {
  std::vector<float> whole(gradient.size());
  cpu::gradient_at_winners(winners, atoms.matrix(), residual.matrix(), scale, 0, units, whole);
  const std::int64_t begin = units / 3;
  const std::int64_t end = units - units / 3;
  std::vector<float> part(gradient.size(), -7.0F);
  cpu::gradient_at_winners(winners, atoms.matrix(), residual.matrix(), scale, begin, end, part);
  for (std::int64_t w = 0; w < winners.count(); ++w) {
    const bool inside = w >= winners.offsets[begin] && w < winners.offsets[end];
    ASSERT_EQ(part[w], inside ? whole[w] : -7.0F) << "winner " << w;
  }
}

TEST_P(WinnerKernels, UntiedWeightRowsEqualTheReference) {
  expect_reference_rows({.encoder = 0, .decoder = 2});
}

TEST_P(WinnerKernels, TiedWeightRowsEqualTheReference) {
  expect_reference_rows({.encoder = 3, .decoder = 3});
}

TEST_P(WinnerKernels, WeightRowsHaveTheSameBitsForAnyTileOfUnits) {
  std::vector<float> bias(static_cast<std::size_t>(units));
  const testing::StoringSink<float> whole = weight_rows({.encoder = 0, .decoder = 0}, units, bias);
  for (const std::int64_t tile : {1, 5, 64}) {
    std::vector<float> tiled_bias(bias.size());
    const testing::StoringSink<float> tiled = weight_rows({.encoder = 0, .decoder = 0}, tile, tiled_bias);
    ASSERT_EQ(tiled.rows, whole.rows) << "tile " << tile;
    ASSERT_EQ(tiled_bias, bias) << "tile " << tile;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, WinnerKernels, ::testing::ValuesIn(testing::kernel_cases()),
                         testing::case_name);

TEST(WinnerWeights, EncoderAndDecoderRowsMayDifferInSize) {
  const Winners<float> winners = testing::random_winners({9, 20, 0, testing::Density::some}, 5);
  const Tensor<float> input = random_tensor({20, 37}, 1);
  const Tensor<float> residual = random_tensor({20, 70}, 2);
  const std::vector<float> gradient = random_vector(winners.count(), 3);
  testing::StoringSink<float> sink;
  testing::StoringSink<float> expected;
  std::vector<float> bias(9);
  cpu::winner_weight_gradients(winners, gradient, input.matrix(), residual.matrix(), 0.5F, 2, 8, {1, 0}, sink,
                               bias);
  reference::winner_weight_gradients<float>(winners, gradient, input.matrix(), residual.matrix(), 0.5F, 2, 8,
                                            {1, 0}, expected, bias);
  ASSERT_EQ(sink.calls, 12);
  for (const auto& [key, row] : expected.rows) expect_close(sink.rows.at(key), row, 1e-5);
}

}  // namespace
}  // namespace wta
