#include "kernels/lifetime_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <set>

#include "kernels/kernel_cases.h"

namespace wta {
namespace {

template <class T>
struct SelectedSamples {
  Tensor<std::int32_t> sample;
  Tensor<T> value;
  std::vector<std::int64_t> count;
};

/// What the CPU kernel (float) or the reference (float, double) selects.
template <class T, class Kernel>
SelectedSamples<T> select_samples(const Kernel& kernel, const Tensor<T>& h, std::int64_t k) {
  SelectedSamples<T> out{Tensor<std::int32_t>({h.row_count(), k}), Tensor<T>({h.row_count(), k}),
                         std::vector<std::int64_t>(static_cast<std::size_t>(h.row_count()))};
  kernel(h.matrix(), k, out.sample.matrix(), out.value.matrix(), out.count);
  return out;
}

SelectedSamples<float> select_cpu(const Tensor<float>& h, std::int64_t k) {
  return select_samples(cpu::select_lifetime, h, k);
}

/// The first count[u] entries of each row agree exactly.
template <class T>
void expect_same(const SelectedSamples<float>& actual, const SelectedSamples<T>& expected) {
  ASSERT_EQ(actual.count, expected.count);
  for (std::int64_t u = 0; u < static_cast<std::int64_t>(actual.count.size()); ++u) {
    for (std::int64_t i = 0; i < actual.count[u]; ++i) {
      ASSERT_EQ(actual.sample.matrix()(u, i), expected.sample.matrix()(u, i))
          << "unit " << u << " winner " << i;
      ASSERT_EQ(static_cast<T>(actual.value.matrix()(u, i)), expected.value.matrix()(u, i));
    }
  }
}

/// Rows of several kinds: distinct, many ties, mostly zero, all equal, all zero, one positive, increasing,
/// decreasing, tiny values, one huge value.
Tensor<float> rows_of_units(std::int64_t samples, std::uint32_t seed) {
  constexpr std::int64_t kKinds = 10;
  Tensor<float> h = testing::random_tensor({kKinds, samples}, seed);
  for (std::int64_t n = 0; n < samples; ++n) {
    const auto at = [&](std::int64_t kind) -> float& { return h.matrix()(kind, n); };
    const float draw = std::abs(at(1));
    at(0) = std::max(0.0F, at(0));
    at(1) = std::floor(4 * draw);
    at(2) = at(2) > 0.9F ? at(2) : 0.0F;
    at(3) = 0.75F;
    at(4) = 0;
    at(5) = n == samples / 2 ? 3.0F : 0.0F;
    at(6) = static_cast<float>(n);
    at(7) = static_cast<float>(samples - n);
    at(8) = std::numeric_limits<float>::denorm_min() * std::floor(9 * draw);
    at(9) = n == samples - 1 ? std::numeric_limits<float>::max() : std::abs(at(9));
  }
  return h;
}

TEST(SelectLifetime, EqualsAFullSortForAllSizesAndKindsOfRows) {
  for (const std::int64_t samples : {1, 2, 3, 8, 15, 16, 17, 31, 32, 33, 64, 65, 100, 257, 1000}) {
    const Tensor<float> h = rows_of_units(samples, static_cast<std::uint32_t>(samples));
    for (const std::int64_t k : {std::int64_t{1}, std::int64_t{2}, std::int64_t{5}, std::int64_t{13},
                                 std::int64_t{50}, samples / 2, samples - 1, samples}) {
      if (k < 1 || k > samples) continue;
      SCOPED_TRACE("samples " + std::to_string(samples) + " k " + std::to_string(k));
      expect_same(select_cpu(h, k), select_samples(reference::select_lifetime<float>, h, k));
      expect_same(select_cpu(h, k), select_samples(reference::select_lifetime<double>, testing::widen(h), k));
    }
  }
}

TEST(SelectLifetime, TiesGoToTheLowerSample) {
  const Tensor<float> h({1, 6}, std::vector<float>{1, 2, 1, 2, 1, 2});
  const SelectedSamples<float> chosen = select_cpu(h, 4);
  EXPECT_THAT(chosen.sample.span(), ::testing::ElementsAre(0, 1, 3, 5));
  EXPECT_THAT(chosen.value.span(), ::testing::ElementsAre(1, 2, 2, 2));
}

TEST(SelectLifetime, ZerosNeverWinEvenWhenFewerThanKRemain) {
  const Tensor<float> h({2, 4}, std::vector<float>{0, 3, 0, 1, 0, 0, 0, -0.0F});
  const SelectedSamples<float> chosen = select_cpu(h, 3);
  EXPECT_THAT(chosen.count, ::testing::ElementsAre(2, 0));
  EXPECT_EQ(chosen.sample[0], 1);
  EXPECT_EQ(chosen.sample[1], 3);
}

TEST(SelectLifetime, RowsOfAWiderArrayAreReadAndWrittenByTheirStride) {
  const Tensor<float> wide = rows_of_units(120, 5);
  const ConstMatrixView<float> part(wide.data() + 7, 10, 101, 120);
  Tensor<float> copy({10, 101});
  for (std::int64_t u = 0; u < 10; ++u) std::copy_n(part.row(u), 101, copy.matrix().row(u));
  SelectedSamples<float> out{Tensor<std::int32_t>({10, 9}), Tensor<float>({10, 9}),
                             std::vector<std::int64_t>(10)};
  cpu::select_lifetime(part, 6, {out.sample.data(), 10, 6, 9}, {out.value.data(), 10, 6, 9}, out.count);
  const SelectedSamples<float> expected = select_cpu(copy, 6);
  ASSERT_EQ(out.count, expected.count);
  for (std::int64_t u = 0; u < 10; ++u) {
    for (std::int64_t i = 0; i < 9; ++i) {
      const bool winner = i < out.count[u];
      ASSERT_EQ(out.sample[9 * u + i], winner ? expected.sample[6 * u + i] : 0);
      ASSERT_EQ(out.value[9 * u + i], winner ? expected.value[6 * u + i] : 0.0F);
    }
  }
}

/// Small integers: many ties and zeros.
std::vector<float> arbitrary_row() {
  const int distinct = *rc::gen::element(2, 5, 1000);
  const auto digits = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, distinct)));
  return {digits.begin(), digits.end()};
}

TEST(SelectLifetime, PropertiesHoldForArbitraryRows) {
  const bool holds = rc::check([] {
    std::vector<float> row = arbitrary_row();
    const std::size_t copies = *rc::gen::element<std::size_t>(1, 1, 7);
    for (std::size_t size = row.size(); row.size() < copies * size;) row.push_back(row[row.size() - size]);
    const auto samples = static_cast<std::int64_t>(row.size());
    const std::int64_t k = *rc::gen::inRange<std::int64_t>(1, samples + 1);
    const SelectedSamples<float> chosen = select_cpu(Tensor<float>({1, samples}, row), k);
    const std::int64_t count = chosen.count[0];
    const std::set<std::int32_t> kept(chosen.sample.data(), chosen.sample.data() + count);
    const std::int64_t positive = std::count_if(row.begin(), row.end(), [](float v) { return v > 0; });
    RC_ASSERT(count == std::min(k, positive));
    RC_ASSERT(static_cast<std::int64_t>(kept.size()) == count);
    RC_ASSERT(std::is_sorted(chosen.sample.data(), chosen.sample.data() + count));
    for (std::int64_t i = 0; i < count; ++i) RC_ASSERT(chosen.value[i] == row[chosen.sample[i]]);
    // Maximality: nobody outside beats somebody inside.
    for (std::int32_t out = 0; out < samples; ++out) {
      if (kept.contains(out)) continue;
      for (const std::int32_t in : kept) {
        RC_ASSERT(row[out] < row[in] || (row[out] == row[in] && in < out));
      }
    }
  });
  EXPECT_TRUE(holds);
}

TEST(SelectLifetime, APermutedRowKeepsTheSameValues) {
  const bool holds = rc::check([] {
    std::vector<float> row = arbitrary_row();
    const auto samples = static_cast<std::int64_t>(row.size());
    const std::int64_t k = *rc::gen::inRange<std::int64_t>(1, samples + 1);
    const auto kept_values = [&](const std::vector<float>& values) {
      const SelectedSamples<float> chosen = select_cpu(Tensor<float>({1, samples}, values), k);
      std::vector<float> kept(chosen.value.data(), chosen.value.data() + chosen.count[0]);
      std::sort(kept.begin(), kept.end());
      return kept;
    };
    const std::vector<float> before = kept_values(row);
    std::shuffle(row.begin(), row.end(), std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
    RC_ASSERT(kept_values(row) == before);
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace wta
