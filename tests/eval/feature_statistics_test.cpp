#include "eval/feature_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/rng.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

using testing::ElementsAre;

Autoencoder network_of(std::int64_t units, Activation activation = Activation::relu) {
  Stage stage = make_stage({.arch = std::to_string(units) + "fc"}, {4}, 1);
  stage.network.activation = activation;
  return std::move(stage.network);
}

// 70 units (three tasks) over 101 samples, a third of the values 0 and many of them equal.
struct Activations {
  Tensor<float> values{Shape{101, 70}};
  Tensor<std::int32_t> positions{Shape{101, 70}};
  std::vector<std::int32_t> labels;

  Activations() {
    const Rng rng(8, Purpose::validation);
    for (std::int64_t i = 0; i < values.size(); ++i) {
      values[i] = std::floor(std::max(0.0F, rng.uniform(static_cast<std::uint64_t>(i)) * 15 - 5));
      positions[i] = static_cast<std::int32_t>(i % 17);
    }
    for (std::int32_t n = 0; n < 101; ++n) labels.push_back(n % 9 == 0 ? -1 : n % 4);
  }
};

FeatureStatistics gather(const Autoencoder& network, const Activations& data, std::int64_t block,
                         int threads) {
  FeatureStatistics statistics(network, 5, 12);
  for (std::int64_t begin = 0; begin < 101; begin += block) {
    const std::int64_t end = std::min<std::int64_t>(101, begin + block);
    statistics.add({.threads = threads}, {.first = begin,
                                          .values = data.values.matrix().row_range(begin, end),
                                          .where = data.positions.matrix().row_range(begin, end),
                                          .labels = std::span(data.labels)
                                                        .subspan(static_cast<std::size_t>(begin),
                                                                 static_cast<std::size_t>(end - begin))});
  }
  return statistics;
}

// The samples of one unit by falling activation, ties to the lower sample, sorted whole.
std::vector<std::int64_t> sorted_samples(const Activations& data, std::int64_t unit) {
  std::vector<std::int64_t> order;
  for (std::int64_t n = 0; n < 101; ++n) {
    if (data.values.matrix()(n, unit) > 0) order.push_back(n);
  }
  std::ranges::stable_sort(order, std::greater(),
                           [&](std::int64_t n) { return data.values.matrix()(n, unit); });
  order.resize(12);
  return order;
}

TEST(FeatureStatistics, AreThoseOfTheWholeTableForAnyBlocksAndThreads) {
  Autoencoder network = network_of(70);
  std::ranges::fill(network.thresholds.span(), 3.0F);
  const Activations data;
  for (const auto& [block, threads] : {std::pair(101, 1), std::pair(13, 2), std::pair(1, 3)}) {
    const FeatureStatistics statistics = gather(network, data, block, threads);
    EXPECT_EQ(statistics.samples(), 101);
    for (std::int64_t u = 0; u < 70; ++u) {
      const UnitStatistics& unit = statistics.units()[static_cast<std::size_t>(u)];
      std::int64_t zeros = 0;
      std::int64_t above = 0;
      double sum = 0;
      for (std::int64_t n = 0; n < 101; ++n) {
        const float value = data.values.matrix()(n, u);
        zeros += value == 0 ? 1 : 0;
        above += value > 3 ? 1 : 0;
        sum += value;
      }
      EXPECT_EQ(unit.zeros, zeros);
      EXPECT_EQ(unit.sum, sum);
      EXPECT_EQ(statistics.frequency(u), static_cast<double>(above) / 101);
      std::vector<std::int64_t> strongest;
      for (const StrongSample& strong : unit.strongest) {
        strongest.push_back(strong.sample);
        EXPECT_EQ(strong.activation, data.values.matrix()(strong.sample, u));
        EXPECT_EQ(strong.position, data.positions.matrix()(strong.sample, u));
      }
      EXPECT_EQ(strongest, sorted_samples(data, u));
      std::int64_t counted = 0;
      for (const std::int64_t count : unit.histogram.counts()) counted += count;
      EXPECT_EQ(counted, 101 - zeros);
    }
  }
}

TEST(FeatureStatistics, ClassMeansLeaveOutUnlabelledSamples) {
  const Autoencoder network = network_of(70);
  const Activations data;
  const FeatureStatistics statistics = gather(network, data, 10, 1);
  for (std::int64_t u = 0; u < 70; ++u) {
    std::vector<double> sums(5);
    std::vector<double> counts(5);
    for (std::size_t n = 0; n < 101; ++n) {
      if (data.labels[n] < 0) continue;
      sums[static_cast<std::size_t>(data.labels[n])] += data.values.matrix()(static_cast<std::int64_t>(n), u);
      counts[static_cast<std::size_t>(data.labels[n])] += 1;
    }
    for (std::size_t c = 0; c < 4; ++c) EXPECT_DOUBLE_EQ(statistics.class_means(u)[c], sums[c] / counts[c]);
    EXPECT_EQ(statistics.class_means(u)[4], 0);
  }
}

// Rows are samples.
FeatureStatistics statistics_of(const Autoencoder& network, std::int64_t classes,
                                const std::vector<float>& values, const std::vector<std::int32_t>& labels) {
  FeatureStatistics statistics(network, classes, 3);
  const std::int64_t units = network.units();
  const Tensor<float> table({std::ssize(values) / units, units}, values);
  statistics.add({.threads = 1}, {.values = table.matrix(), .where = {}, .labels = labels});
  return statistics;
}

TEST(Selectivity, IsOneForASingleClassAndZeroForAllAlike) {
  const Autoencoder network = network_of(3);
  const FeatureStatistics statistics = statistics_of(network, 3, {0, 2, 3, 0, 2, 1, 4, 2, 1, 6, 2, 0},
                                                     {0, 1, 2, 2});  // columns: 0 0 4 6, 2 2 2 2, 3 1 1 0
  EXPECT_EQ(statistics.selectivity(0)->preferred, 2);
  EXPECT_EQ(statistics.selectivity(0)->index, 1);
  EXPECT_EQ(statistics.selectivity(1)->preferred, 0);
  EXPECT_EQ(statistics.selectivity(1)->index, 0);
  EXPECT_EQ(statistics.selectivity(2)->preferred, 0);  // means 3, 1, 0.5
  EXPECT_DOUBLE_EQ(statistics.selectivity(2)->index, (3 - 0.75) / (3 + 0.75));
}

TEST(Selectivity, OfASilentUnitIsZeroAndNeedsTwoClasses) {
  const Autoencoder network = network_of(1);
  EXPECT_EQ(statistics_of(network, 2, {0, 0}, {0, 1}).selectivity(0)->index, 0);
  EXPECT_FALSE(statistics_of(network, 2, {1, 2}, {1, 1}).selectivity(0));
  EXPECT_FALSE(statistics_of(network, 0, {1, 2}, {}).selectivity(0));
}

TEST(FeatureStatistics, OfSigmoidUnitsCallTheMeanTheirFrequency) {
  const Autoencoder network = network_of(1, Activation::sigmoid);
  EXPECT_DOUBLE_EQ(statistics_of(network, 0, {0.25F, 0.75F, 0.125F, 0.125F}, {}).frequency(0), 0.3125);
}

TEST(FeatureStatistics, OfLinearUnitsCountWhatIsNotZeroAndRememberWhatIsAboveIt) {
  const Autoencoder network = network_of(1, Activation::identity);
  const FeatureStatistics statistics = statistics_of(network, 1, {-3, 0, 2, -1}, {0, 0, 0, 0});
  EXPECT_EQ(statistics.frequency(0), 0.75);
  EXPECT_EQ(statistics.units()[0].strongest.size(), 1U);
  EXPECT_EQ(statistics.units()[0].strongest[0].sample, 2);
  EXPECT_THAT(statistics.class_means(0), ElementsAre(1.5));
}

TEST(FeatureStatistics, RefuseBlocksThatDoNotFit) {
  const Autoencoder network = network_of(2);
  FeatureStatistics statistics(network, 2, 1);
  const Tensor<float> values({3, 2});
  const std::vector<std::int32_t> two = {0, 1};
  const std::vector<std::int32_t> high = {0, 1, 2};
  const auto add = [&](ConstMatrixView<float> block, std::span<const std::int32_t> labels) {
    statistics.add({.threads = 1}, {.values = block, .where = {}, .labels = labels});
  };
  EXPECT_THROW(add(values.matrix(), two), InvalidArgument);
  EXPECT_THROW(add(values.matrix(), high), InvalidArgument);
  EXPECT_THROW(add({values.data(), 2, 3}, {}), InvalidArgument);
  EXPECT_EQ(statistics.samples(), 0);
}

TEST(FeatureStatistics, ActivationsThatAreNotFiniteAreRefusedWithTheirSample) {
  const Autoencoder network = network_of(3);
  for (const float bad : {HUGE_VALF, -HUGE_VALF, std::nanf("")}) {
    FeatureStatistics statistics(network, 0, 1);
    Tensor<float> values({2, 3});
    values.matrix()(1, 2) = bad;
    EXPECT_THAT(
        [&] {
          statistics.add({.threads = 1}, {.first = 40, .values = values.matrix(), .where = {}, .labels = {}});
        },
        testing::ThrowsMessage<DataError>(testing::HasSubstr("of unit 2 for sample 41")));
  }
}

}  // namespace
}  // namespace wta
