#include "app/event_store.h"

#include <gtest/gtest.h>

#include <vector>

namespace wta {
namespace {

using Seconds = DetailBudget::Seconds;

// The epochs of a training whose epochs take `epoch` and whose details take `cost` of it, and what they took.
std::vector<std::int64_t> detailed_epochs(std::int64_t epochs, Seconds epoch, Seconds cost) {
  DetailBudget budget;
  std::vector<std::int64_t> chosen;
  Seconds elapsed{0};
  for (std::int64_t e = 1; e <= epochs; ++e) {
    elapsed += epoch;
    if (!budget.allows(e, elapsed)) continue;
    chosen.push_back(e);
    budget.spend(cost);
    elapsed += cost;
  }
  return chosen;
}

TEST(DetailBudget, TheFirstEpochIsAlwaysShown) {
  EXPECT_EQ(detailed_epochs(1, Seconds(0.001), Seconds(1)), std::vector<std::int64_t>{1});
}

TEST(DetailBudget, ButForTheFirstAllOfThemTakeLessThanAHalfPercent) {
  for (const double cost : {0.001, 0.01, 0.1, 1.0}) {
    const auto chosen = detailed_epochs(1000, Seconds(1), Seconds(cost));
    EXPECT_LE(static_cast<double>(chosen.size() - 1) * cost, 0.005 * 1005) << cost;
  }
  EXPECT_EQ(detailed_epochs(1000, Seconds(1), Seconds(1)),
            (std::vector<std::int64_t>{1, 400, 600, 800, 1000}));
}

TEST(DetailBudget, LongTrainingsAreShownAtRoundEpochsOnly) {
  const auto chosen = detailed_epochs(2000, Seconds(1), Seconds(0.0001));
  EXPECT_EQ(chosen.size(), 100U + 90U + 10U);
  EXPECT_EQ((std::vector(chosen.begin() + 98, chosen.begin() + 102)),
            (std::vector<std::int64_t>{99, 100, 110, 120}));
  EXPECT_EQ((std::vector(chosen.end() - 2, chosen.end())), (std::vector<std::int64_t>{1900, 2000}));
}

}  // namespace
}  // namespace wta
