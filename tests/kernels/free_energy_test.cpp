#include "kernels/free_energy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/kernel_cases.h"

namespace wta {
namespace {

using testing::expect_close;
using testing::random_tensor;
using testing::random_vector;
using testing::widen;

class FreeEnergy : public ::testing::TestWithParam<testing::KernelCase> {};

TEST_P(FreeEnergy, EqualsTheReference) {
  const testing::KernelCase& c = GetParam();
  const Tensor<float> w = random_tensor({c.units, c.columns}, 1);
  const std::vector<float> hidden = random_vector(c.units, 2);
  const std::vector<float> visible = random_vector(c.columns, 3);
  const Tensor<float> v = random_tensor({c.samples, c.columns}, 4);
  std::vector<double> energy(static_cast<std::size_t>(c.samples));
  std::vector<double> expected(energy.size());
  cpu::free_energy(w.matrix(), hidden, visible, v.matrix(), energy);
  reference::free_energy<double>(widen(w).matrix(), widen(hidden), widen(visible), widen(v).matrix(),
                                 expected);
  expect_close(energy, expected, 1e-6 * std::sqrt(static_cast<double>(c.columns)));
}

INSTANTIATE_TEST_SUITE_P(Cases, FreeEnergy, ::testing::ValuesIn(testing::kernel_cases()), testing::case_name);

TEST(FreeEnergy, LargeInputsDoNotOverflow) {
  const Tensor<float> w({2, 1}, std::vector<float>{5000, -5000});
  const std::vector<float> zeros = {0, 0};
  const Tensor<float> v({1, 1}, std::vector<float>{1});
  std::vector<double> energy(1);
  cpu::free_energy(w.matrix(), zeros, std::span(zeros).first(1), v.matrix(), energy);
  EXPECT_EQ(energy[0], -5000);
}

// exp(-F(v)) is the sum of exp(-E(v,h)) over all h: from the definition of the energy.
TEST(FreeEnergy, IsTheSumOverAllHiddenStates) {
  const Tensor<double> w = random_tensor<double>({3, 4}, 5);
  const std::vector<double> b = random_vector<double>(3, 6);
  const std::vector<double> c = random_vector<double>(4, 7);
  const Tensor<double> v({1, 4}, std::vector<double>{1, 0, 1, 1});
  std::vector<double> energy(1);
  reference::free_energy<double>(w.matrix(), b, c, v.matrix(), energy);
  double sum = 0;
  for (unsigned state = 0; state < 8; ++state) {
    double minus_energy = 0;
    for (std::int64_t d = 0; d < 4; ++d) minus_energy += c[d] * v[d];
    for (std::int64_t u = 0; u < 3; ++u) {
      if ((state >> u & 1U) == 0) continue;
      minus_energy += b[u];
      for (std::int64_t d = 0; d < 4; ++d) minus_energy += w.matrix()(u, d) * v[d];
    }
    sum += std::exp(minus_energy);
  }
  EXPECT_NEAR(energy[0], -std::log(sum), 1e-12);
}

}  // namespace
}  // namespace wta
