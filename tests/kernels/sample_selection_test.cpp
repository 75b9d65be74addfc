#include "kernels/sample_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "kernels/kernel_cases.h"

namespace wta {
namespace {

template <class T>
struct SelectedUnits {
  Tensor<std::int32_t> unit;
  Tensor<T> value;

  SelectedUnits(std::int64_t samples, std::int64_t k) : unit({samples, k}), value({samples, k}) {}
};

template <class T, class Kernel>
SelectedUnits<T> select_units(const Kernel& kernel, const Tensor<T>& h, std::int64_t k) {
  SelectedUnits<T> out(h.row_count(), k);
  kernel(h.matrix(), k, out.unit.matrix(), out.value.matrix());
  return out;
}

/// Rows of several kinds: both signs, many ties, all negative, all equal, increasing, one large value.
Tensor<float> rows_of_samples(std::int64_t units, std::uint32_t seed) {
  Tensor<float> h = testing::random_tensor({6, units}, seed);
  for (std::int64_t u = 0; u < units; ++u) {
    const auto at = [&](std::int64_t kind) -> float& { return h.matrix()(kind, u); };
    at(1) = std::floor(4 * at(1));
    at(2) = -std::abs(at(2));
    at(3) = -0.75F;
    at(4) = static_cast<float>(u);
    at(5) = u == units - 1 ? 3e38F : at(5);
  }
  return h;
}

TEST(SelectBySample, EqualsAFullSortForAllSizesAndKindsOfRows) {
  for (const std::int64_t units : {1, 2, 3, 16, 17, 33, 100, 257, 1000}) {
    const Tensor<float> h = rows_of_samples(units, static_cast<std::uint32_t>(units));
    for (const std::int64_t k : {std::int64_t{1}, std::int64_t{2}, std::int64_t{25}, units - 1, units}) {
      if (k < 1 || k > units) continue;
      SCOPED_TRACE("units " + std::to_string(units) + " k " + std::to_string(k));
      const SelectedUnits<float> actual = select_units(cpu::select_by_sample, h, k);
      const SelectedUnits<float> expected = select_units(reference::select_by_sample<float>, h, k);
      const SelectedUnits<double> wide =
          select_units(reference::select_by_sample<double>, testing::widen(h), k);
      ASSERT_THAT(actual.unit.span(), ::testing::ElementsAreArray(expected.unit.span()));
      ASSERT_THAT(actual.value.span(), ::testing::ElementsAreArray(expected.value.span()));
      ASSERT_THAT(actual.unit.span(), ::testing::ElementsAreArray(wide.unit.span()));
    }
  }
}

TEST(SelectBySample, TiesGoToTheLowerUnitAndNegativeValuesMayWin) {
  const Tensor<float> h({2, 5}, std::vector<float>{1, 2, 1, 2, 1, -3, -1, -2, -1, -1});
  for (const auto& chosen :
       {select_units(cpu::select_by_sample, h, 3), select_units(reference::select_by_sample<float>, h, 3)}) {
    EXPECT_THAT(chosen.unit.span(), ::testing::ElementsAre(0, 1, 3, 1, 3, 4));
    EXPECT_THAT(chosen.value.span(), ::testing::ElementsAre(1, 2, 2, -1, -1, -1));
  }
}

// Of training that diverges: the selection ends, and NaN displaces no larger value by a smaller one.
TEST(SelectBySample, NotANumberLeavesTheOrderOfTheOthersAlone) {
  constexpr std::int64_t kUnits = 1000;
  for (std::int64_t seed = 1; seed < 60; ++seed) {
    const std::int64_t k = 5 * seed;
    Tensor<float> h = testing::random_tensor({1, kUnits}, static_cast<std::uint32_t>(seed));
    std::vector<float> finite;
    for (std::int64_t u = 0; u < kUnits; ++u) {
      if ((u + 1) * 7919 % (seed + 2) == 0) h[u] = std::numeric_limits<float>::quiet_NaN();
      if (!std::isnan(h[u])) finite.push_back(h[u]);
    }
    std::ranges::sort(finite, std::greater<>());
    const SelectedUnits<float> chosen = select_units(cpu::select_by_sample, h, k);
    for (const float value : chosen.value.span()) {
      ASSERT_TRUE(std::isnan(value) || value >= finite[static_cast<std::size_t>(k - 1)]) << "seed " << seed;
    }
    EXPECT_TRUE(std::ranges::is_sorted(chosen.unit.span()));
  }
}

TEST(SelectBySample, RowsOfAWiderArrayAreReadAndWrittenByTheirStride) {
  const Tensor<float> wide = testing::random_tensor({9, 40}, 5);
  const ConstMatrixView<float> part(wide.data() + 4, 9, 30, 40);
  Tensor<float> copy({9, 30});
  for (std::int64_t n = 0; n < 9; ++n) std::copy_n(part.row(n), 30, copy.matrix().row(n));
  const SelectedUnits<float> expected = select_units(cpu::select_by_sample, copy, 6);
  SelectedUnits<float> out(9, 8);
  cpu::select_by_sample(part, 6, {out.unit.data(), 9, 6, 8}, {out.value.data(), 9, 6, 8});
  for (std::int64_t n = 0; n < 9; ++n) {
    for (std::int64_t i = 0; i < 8; ++i) {
      ASSERT_EQ(out.unit[8 * n + i], i < 6 ? expected.unit[6 * n + i] : 0);
      ASSERT_EQ(out.value[8 * n + i], i < 6 ? expected.value[6 * n + i] : 0.0F);
    }
  }
}

}  // namespace
}  // namespace wta
