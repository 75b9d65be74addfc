#include "kernels/conv_backward.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "core/parallel.h"
#include "kernels/map_cases.h"
#include "kernels/paste_patches.h"

namespace wta {
namespace {

using ::testing::ElementsAreArray;
using testing::expect_close;
using testing::Maps;
using testing::random_tensor;
using testing::widen;

/// Lists with their memory.
struct Lists {
  Tensor<std::int32_t> position;
  std::vector<std::int64_t> count;
  Lists(std::int64_t samples, std::int64_t positions)
      : position({samples, positions}), count(static_cast<std::size_t>(samples)) {}
  [[nodiscard]] PositionLists view() const { return {position.matrix(), count}; }
};

/// From maps of the case's units to maps of its channels, as backward goes.
class ConvBackward : public ::testing::TestWithParam<testing::MapCase> {
 protected:
  const std::int64_t outputs = GetParam().units;
  const std::int64_t samples = GetParam().samples;
  const std::int64_t kernel = GetParam().kernel;
  const std::int64_t columns = kernel * kernel * GetParam().channels;
  const MapShape shape = framed(GetParam().height, GetParam().width, GetParam().channels, kernel, 4);
  const MapShape grad_shape = framed(GetParam().height, GetParam().width, outputs, 3);
  const Tensor<float> w = random_tensor({outputs, columns}, 1);
  const Maps<float> x = testing::random_maps(shape, samples, 2);
  Maps<float> grad = testing::random_maps(grad_shape, samples, 3);
  Lists lists{samples, shape.positions()};

  /// What winners leave: gradients at some positions, at none where Density::none.
  void SetUp() override {
    std::mt19937 engine(4);
    for (std::int64_t n = 0; n < samples; ++n) {
      for (std::int64_t p = 0; p < shape.positions(); ++p) {
        const bool keep = GetParam().density == testing::Density::all || engine() % 4 == 0;
        if (keep && GetParam().density != testing::Density::none) continue;
        std::fill_n(grad.view().patch(n, p, 1), outputs, 0.0F);
      }
    }
    const Maps<float> open = testing::random_maps(grad_shape, samples, 5);
    reference::mask_touched<float>(open.view(), grad.view(), lists.position.matrix(), lists.count);
  }

  [[nodiscard]] double tolerance(std::int64_t terms) const {
    return 1e-6 * std::sqrt(static_cast<double>(terms));
  }
};

TEST_P(ConvBackward, MaskTouchedEqualsTheReference) {
  const Maps<float> h = testing::random_maps(grad_shape, samples, 6);
  Maps<float> expected = grad;
  Lists found(samples, shape.positions());
  Lists right(samples, shape.positions());
  cpu::mask_touched(h.view(), grad.view(), found.position.matrix(), found.count);
  reference::mask_touched<float>(h.view(), expected.view(), right.position.matrix(), right.count);
  EXPECT_THAT(grad.values, ElementsAreArray(expected.values));
  EXPECT_THAT(found.count, ElementsAreArray(right.count));
  EXPECT_THAT(found.position.span(), ElementsAreArray(right.position.span()));
}

TEST_P(ConvBackward, GradInputAddsTheReferenceSum) {
  Maps<float> out = testing::random_maps(shape, samples, 7);
  Maps<double> expected = widen(out);
  cpu::conv_grad_input({grad.view(), lists.view()}, w.matrix(), kernel, out.view());
  reference::conv_grad_input<double>({widen(grad).view(), lists.view()}, widen(w).matrix(), kernel,
                                     expected.view());
  expect_close(out.values, expected.values, tolerance(outputs * kernel * kernel));
}

TEST_P(ConvBackward, GradInputHasTheSameBitsForAnyTileOfSamples) {
  Maps<float> whole(shape, samples);
  cpu::conv_grad_input({grad.view(), lists.view()}, w.matrix(), kernel, whole.view());
  Maps<float> tiled(shape, samples);
  const ListedMaps<float> listed{grad.view(), lists.view()};
  parallel_for_tiles({.threads = 2}, samples, 1, [&](std::int64_t begin, std::int64_t end) {
    cpu::conv_grad_input(listed.sample_range(begin, end), w.matrix(), kernel,
                         tiled.view().sample_range(begin, end));
  });
  EXPECT_THAT(tiled.values, ElementsAreArray(whole.values));
}

TEST_P(ConvBackward, GradWeightEqualsTheReference) {
  Tensor<float> out = random_tensor({outputs, columns}, 8);
  std::vector<float> bias(static_cast<std::size_t>(outputs), -7.0F);
  Tensor<double> expected({outputs, columns});
  std::vector<double> expected_bias(bias.size());
  cpu::conv_grad_weight({grad.view(), lists.view()}, x.view(), kernel, 0, outputs, out.matrix(), bias);
  reference::conv_grad_weight<double>({widen(grad).view(), lists.view()}, widen(x).view(), kernel, 0, outputs,
                                      expected.matrix(), expected_bias);
  expect_close(out.span(), expected.span(), tolerance(samples * shape.positions()));
  expect_close(bias, expected_bias, tolerance(samples * shape.positions()));
}

TEST_P(ConvBackward, GradWeightHasTheSameBitsForAnyTileOfOutputs) {
  Tensor<float> whole({outputs, columns});
  std::vector<float> bias(static_cast<std::size_t>(outputs));
  cpu::conv_grad_weight({grad.view(), lists.view()}, x.view(), kernel, 0, outputs, whole.matrix(), bias);
  for (const std::int64_t tile : {3, 8, 32}) {
    Tensor<float> tiled({outputs, columns});
    std::vector<float> tiled_bias(bias.size());
    parallel_for_tiles({.threads = 2}, outputs, tile, [&](std::int64_t begin, std::int64_t end) {
      cpu::conv_grad_weight({grad.view(), lists.view()}, x.view(), kernel, begin, end,
                            tiled.matrix().row_range(begin, end), tiled_bias);
    });
    ASSERT_THAT(tiled.span(), ElementsAreArray(whole.span())) << "tile " << tile;
    ASSERT_EQ(tiled_bias, bias) << "tile " << tile;
  }
}

TEST_P(ConvBackward, EveryPositionListedGivesTheSameSums) {
  std::vector<std::int32_t> every(static_cast<std::size_t>(shape.positions()));
  std::iota(every.begin(), every.end(), 0);
  const std::vector<std::int64_t> count(static_cast<std::size_t>(samples), shape.positions());
  const ListedMaps<float> all{grad.view(), {{every.data(), samples, shape.positions(), 0}, count}};
  const ListedMaps<float> touched{grad.view(), lists.view()};
  Maps<float> sparse_x(shape, samples);
  Maps<float> dense_x(shape, samples);
  cpu::conv_grad_input(touched, w.matrix(), kernel, sparse_x.view());
  cpu::conv_grad_input(all, w.matrix(), kernel, dense_x.view());
  expect_close(dense_x.values, sparse_x.values, tolerance(outputs * kernel * kernel));
  Tensor<float> sparse_w({outputs, columns});
  Tensor<float> dense_w({outputs, columns});
  std::vector<float> bias(static_cast<std::size_t>(outputs));
  cpu::conv_grad_weight(touched, x.view(), kernel, 0, outputs, sparse_w.matrix(), bias);
  cpu::conv_grad_weight(all, x.view(), kernel, 0, outputs, dense_w.matrix(), bias);
  expect_close(dense_w.span(), sparse_w.span(), tolerance(samples * shape.positions()));
}

INSTANTIATE_TEST_SUITE_P(Cases, ConvBackward, ::testing::ValuesIn(testing::map_cases()),
                         testing::map_case_name);

/// Winners' patches and the deconvolution of maps that are 0 but at the winners.
TEST_P(ConvBackward, WinnersPasteWhatTheDeconvolutionOfTheirMapsPastes) {
  const Winners<float> winners = testing::random_map_winners(GetParam(), 11);
  Maps<float> code(grad_shape, samples);
  for (std::int64_t i = 0; i < winners.count(); ++i) {
    code.view().patch(winners.sample[i], winners.position[i], 1)[winners.unit[i]] += winners.value[i];
  }
  const Maps<float> open = code;
  Lists touched(samples, shape.positions());
  cpu::mask_touched(open.view(), code.view(), touched.position.matrix(), touched.count);
  Maps<float> sparse(shape, samples);
  Maps<float> dense(shape, samples);
  cpu::paste_patches(winners, winners.value, w.matrix(), kernel, 0, samples, sparse.view());
  cpu::conv_grad_input({code.view(), touched.view()}, w.matrix(), kernel, dense.view());
  expect_close(dense.values, sparse.values, tolerance(outputs * kernel * kernel));
}

}  // namespace
}  // namespace wta
