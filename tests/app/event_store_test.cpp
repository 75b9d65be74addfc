#include "app/event_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/files.h"
#include "support/temporary_folder.h"

namespace wta {
namespace {

using testing_support::read_bytes;
using testing_support::TemporaryFolder;
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

// TensorBoard reads on in the file that comes last.
TEST(EventStore, BeginningAStageRemovesTheEventsOfThoseAbove) {
  const TemporaryFolder folder;
  const RunFolder run{folder.path()};
  for (const std::int64_t stage : {1, 2, 3}) EventFile(run.events(stage), 0);
  MemoryStore kept;
  EventStore store(run, kept);
  TrainState state(make_model({.arch = "6fc"}, {4}, 1), {});
  EXPECT_FALSE(store.begin(state));
  EXPECT_TRUE(std::filesystem::exists(run.events(1)));
  EXPECT_FALSE(std::filesystem::exists(run.events(2)));
  EXPECT_FALSE(std::filesystem::exists(run.events(3)));
}

TEST(EventStore, SamplesThatCannotBeDrawnHaveHistogramsAlone) {
  for (const std::int64_t channels : {1, 2}) {
    const TemporaryFolder folder;
    MemoryStore kept;
    EventStore store({folder.path()}, kept);
    TrainState state(make_model({.arch = "6fc"}, {4, 4, channels}, 1), {});
    (void)store.begin(state);
    store.append({.epoch = 1, .step = 5}, state.model);
    const std::string bytes = read_bytes(folder.path() / "events.out.tfevents.stage-01");
    EXPECT_THAT(bytes, testing::HasSubstr("stage-1/usage"));
    EXPECT_EQ(bytes.find("stage-1/filters") != std::string::npos, channels == 1);
  }
}

}  // namespace
}  // namespace wta
