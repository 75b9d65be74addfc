#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/parallel.h"
#include "kernels/gemm_onednn.h"
#include "kernels/kernel_cases.h"
#include "kernels/linear_backward.h"
#include "kernels/linear_relu.h"

namespace wta {
namespace {

using testing::expect_close;
using testing::random_tensor;
using testing::random_vector;
using testing::widen;

class Linear : public ::testing::TestWithParam<testing::KernelCase> {
 protected:
  const std::int64_t units = GetParam().units;
  const std::int64_t samples = GetParam().samples;
  const std::int64_t inputs = GetParam().columns;
  const Tensor<float> w = random_tensor({units, inputs}, 1);
  const Tensor<float> x = random_tensor({samples, inputs}, 2);
  const std::vector<float> bias = random_vector(units, 3);
  /// Sums of `inputs` products of numbers up to 1.
  const double tolerance = 1e-6 * (4 + std::sqrt(static_cast<double>(inputs)));
};

TEST_P(Linear, ByUnitEqualsTheReference) {
  Tensor<float> h({units, samples});
  cpu::linear_relu_by_unit(w.matrix(), bias, x.matrix(), h.matrix());
  Tensor<double> expected({units, samples});
  reference::linear_relu_by_unit<double>(widen(w).matrix(), widen(bias), widen(x).matrix(),
                                         expected.matrix());
  expect_close(h.span(), expected.span(), tolerance);
}

TEST_P(Linear, BySampleHasTheSameBitsAsByUnit) {
  Tensor<float> by_unit({units, samples});
  Tensor<float> by_sample({samples, units});
  cpu::linear_relu_by_unit(w.matrix(), bias, x.matrix(), by_unit.matrix());
  cpu::linear_relu_by_sample(w.matrix(), bias, x.matrix(), by_sample.matrix());
  for (std::int64_t u = 0; u < units; ++u) {
    for (std::int64_t n = 0; n < samples; ++n) ASSERT_EQ(by_unit.matrix()(u, n), by_sample.matrix()(n, u));
  }
}

TEST_P(Linear, WithoutRectifierEqualsTheReference) {
  Tensor<float> by_unit({units, samples});
  Tensor<float> by_sample({samples, units});
  cpu::linear_by_unit(w.matrix(), bias, x.matrix(), by_unit.matrix());
  cpu::linear_by_sample(w.matrix(), bias, x.matrix(), by_sample.matrix());
  Tensor<double> expected({units, samples});
  reference::linear_by_unit<double>(widen(w).matrix(), widen(bias), widen(x).matrix(), expected.matrix());
  expect_close(by_unit.span(), expected.span(), tolerance);
  for (std::int64_t u = 0; u < units; ++u) {
    for (std::int64_t n = 0; n < samples; ++n) ASSERT_EQ(by_unit.matrix()(u, n), by_sample.matrix()(n, u));
  }
}

TEST_P(Linear, AnyTileOfUnitsHasTheSameBits) {
  Tensor<float> whole({units, samples});
  cpu::linear_relu_by_unit(w.matrix(), bias, x.matrix(), whole.matrix());
  for (const std::int64_t tile : {1, 7, 48, 64}) {
    Tensor<float> tiled({units, samples});
    parallel_for_tiles({.threads = 2}, units, tile, [&](std::int64_t begin, std::int64_t end) {
      cpu::linear_relu_by_unit(w.matrix().row_range(begin, end),
                               std::span<const float>(bias).subspan(begin, end - begin), x.matrix(),
                               tiled.matrix().row_range(begin, end));
    });
    ASSERT_THAT(tiled.span(), ::testing::ElementsAreArray(whole.span())) << "tile " << tile;
  }
}

TEST_P(Linear, OneSampleHasTheSameBitsAsTheWholeSet) {
  Tensor<float> whole({samples, units});
  cpu::linear_relu_by_sample(w.matrix(), bias, x.matrix(), whole.matrix());
  for (const std::int64_t size : {1, 2, 5, 64}) {
    for (std::int64_t n = 0; n + size <= samples; n += 1 + samples / 9) {
      Tensor<float> part({size, units});
      cpu::linear_relu_by_sample(w.matrix(), bias, x.matrix().row_range(n, n + size), part.matrix());
      const auto expected = whole.span().subspan(n * units, size * units);
      ASSERT_THAT(part.span(), ::testing::ElementsAreArray(expected)) << "samples from " << n;
    }
  }
}

TEST_P(Linear, GradWeightOfATileEqualsTheReference) {
  const Tensor<float> grad_h = random_tensor({samples, units}, 4);
  const std::int64_t begin = units / 3;
  const std::int64_t end = units - units / 4;
  Tensor<float> grad_w = random_tensor({end - begin, inputs}, 5);
  Tensor<double> expected({end - begin, inputs});
  cpu::linear_grad_weight(grad_h.matrix(), x.matrix(), begin, end, grad_w.matrix());
  reference::linear_grad_weight<double>(widen(grad_h).matrix(), widen(x).matrix(), begin, end,
                                        expected.matrix());
  expect_close(grad_w.span(), expected.span(), 1e-6 * (4 + std::sqrt(static_cast<double>(samples))));
}

TEST_P(Linear, GradInputEqualsTheReference) {
  const Tensor<float> grad_h = random_tensor({samples, units}, 6);
  Tensor<float> grad_x = random_tensor({samples, inputs}, 7);
  Tensor<double> expected({samples, inputs});
  cpu::linear_grad_input(grad_h.matrix(), w.matrix(), grad_x.matrix());
  reference::linear_grad_input<double>(widen(grad_h).matrix(), widen(w).matrix(), expected.matrix());
  expect_close(grad_x.span(), expected.span(), 1e-6 * (4 + std::sqrt(static_cast<double>(units))));
}

INSTANTIATE_TEST_SUITE_P(Cases, Linear, ::testing::ValuesIn(testing::kernel_cases()), testing::case_name);

TEST(LinearRelu, ARowOfAWiderArrayIsWrittenAndNothingBesideIt) {
  const Tensor<float> w = random_tensor({50, 33}, 1);
  const Tensor<float> x = random_tensor({9, 33}, 2);
  const std::vector<float> bias = random_vector(50, 3);
  for (const bool by_unit : {true, false}) {
    const std::int64_t rows = by_unit ? 50 : 9;
    const std::int64_t cols = by_unit ? 9 : 50;
    Tensor<float> wide({rows, cols + 3});
    std::fill(wide.span().begin(), wide.span().end(), -7.0F);
    const MatrixView<float> h(wide.data(), rows, cols, cols + 3);
    by_unit ? cpu::linear_relu_by_unit(w.matrix(), bias, x.matrix(), h)
            : cpu::linear_relu_by_sample(w.matrix(), bias, x.matrix(), h);
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < cols + 3; ++c) ASSERT_EQ(wide.matrix()(r, c) == -7.0F, c >= cols);
    }
  }
}

TEST(GemmAdd, AddsToWhatIsThere) {
  const Tensor<float> a({1, 2}, std::vector<float>{2, 3});
  const Tensor<float> b({2, 2}, std::vector<float>{1, 10, 100, 1000});
  Tensor<float> c({1, 2}, std::vector<float>{0.5F, 0.25F});
  cpu::gemm_add(cpu::Transpose::no, a.matrix(), cpu::Transpose::no, b.matrix(), c.matrix());
  EXPECT_THAT(c.span(), ::testing::ElementsAre(302.5F, 3020.25F));
}

TEST(LinearRelu, BothOrdersOfTheReferenceAgree) {
  const Tensor<double> w = random_tensor<double>({4, 6}, 1);
  const Tensor<double> x = random_tensor<double>({3, 6}, 2);
  const std::vector<double> bias = random_vector<double>(4, 3);
  Tensor<double> by_unit({4, 3});
  Tensor<double> by_sample({3, 4});
  reference::linear_relu_by_unit<double>(w.matrix(), bias, x.matrix(), by_unit.matrix());
  reference::linear_relu_by_sample<double>(w.matrix(), bias, x.matrix(), by_sample.matrix());
  for (std::int64_t u = 0; u < 4; ++u) {
    for (std::int64_t n = 0; n < 3; ++n) EXPECT_EQ(by_unit.matrix()(u, n), by_sample.matrix()(n, u));
  }
}

}  // namespace
}  // namespace wta
