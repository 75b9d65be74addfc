#include "core/parallel.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include "wta/error.h"

namespace wta {
namespace {

TEST(ParallelFor, RunsEachTaskOnceForAnyNumberOfThreads) {
  for (const int threads : {1, 2, 3, 8}) {
    std::vector<int> calls(100, 0);
    parallel_for({.threads = threads}, 100, [&](std::int64_t i) { ++calls[static_cast<std::size_t>(i)]; });
    EXPECT_EQ(calls, std::vector<int>(100, 1)) << threads << " threads";
  }
}

TEST(ParallelFor, TilesCoverTheRangeAndDoNotDependOnThreads) {
  for (const int threads : {1, 3}) {
    std::vector<std::int64_t> tile_of(10, -1);
    parallel_for_tiles({.threads = threads}, 10, 4, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) tile_of[static_cast<std::size_t>(i)] = begin;
    });
    EXPECT_EQ(tile_of, (std::vector<std::int64_t>{0, 0, 0, 0, 4, 4, 4, 4, 8, 8}));
  }
}

TEST(ParallelFor, AnExceptionReachesTheCallerAfterAllTasks) {
  for (const int threads : {1, 2}) {
    std::vector<int> calls(50, 0);
    EXPECT_THROW(parallel_for({.threads = threads}, 50,
                              [&](std::int64_t i) {
                                ++calls[static_cast<std::size_t>(i)];
                                if (i == 7) throw std::runtime_error("seven");
                              }),
                 std::runtime_error);
    EXPECT_EQ(calls, std::vector<int>(50, 1));
  }
}

TEST(ParallelFor, CalledInsideATask_ThenItRunsThere) {
  std::vector<int> calls(64, 0);
  parallel_for({.threads = 3}, 8, [&](std::int64_t outer) {
    const auto thread = std::this_thread::get_id();
    parallel_for({.threads = 3}, 8, [&](std::int64_t inner) {
      EXPECT_EQ(std::this_thread::get_id(), thread);
      ++calls[static_cast<std::size_t>(8 * outer + inner)];
    });
  });
  EXPECT_EQ(calls, std::vector<int>(64, 1));
}

TEST(ParallelFor, SeveralCallersAtOnce_ThenEachGetsItsOwnResult) {
  std::vector<std::int64_t> sums(4, 0);
  {
    std::vector<std::jthread> callers;
    for (std::size_t c = 0; c < sums.size(); ++c) {
      callers.emplace_back([&sums, c] {
        for (int job = 0; job < 500; ++job) {
          std::vector<std::int64_t> out(7, 0);
          parallel_for({.threads = 3}, 7, [&](std::int64_t i) { out[static_cast<std::size_t>(i)] = i + 1; });
          for (const std::int64_t value : out) sums[c] += value;
        }
      });
    }
  }
  EXPECT_EQ(sums, std::vector<std::int64_t>(4, 500 * 28));
}

TEST(ParallelFor, ThousandsOfShortJobs_ThenNoTaskIsLost) {
  std::int64_t total = 0;
  for (int job = 0; job < 5000; ++job) {
    std::vector<int> calls(3, 0);
    parallel_for({.threads = 2 + job % 3}, 3, [&](std::int64_t i) { ++calls[static_cast<std::size_t>(i)]; });
    for (const int count : calls) total += count;
  }
  EXPECT_EQ(total, 15000);
}

TEST(ParallelFor, TwoThreads_ThenTwoTasksRunAtTheSameTime) {
  std::latch both(2);
  parallel_for({.threads = 2}, 2, [&](std::int64_t) { both.arrive_and_wait(); });
}

TEST(ParallelFor, AskedToStop_ThenNoTaskBeginsAnyMore) {
  std::atomic<int> stop = 0;
  std::atomic<int> calls = 0;
  const auto task = [&](std::int64_t) {
    ++calls;
    stop = 2;
  };
  const Context context{.threads = 2, .stop = &stop};
  EXPECT_THROW(parallel_for(context, 1000, task), Interrupted);
  EXPECT_LE(calls, 2);
  EXPECT_THROW(require_not_stopped(context), Interrupted);
  stop = 0;
  EXPECT_NO_THROW(require_not_stopped(context));
}

TEST(ParallelFor, AfterAFork_ThenTheChildHasThreadsOfItsOwn) {
  const auto two_at_once = [] {
    std::latch both(2);
    parallel_for({.threads = 2}, 2, [&](std::int64_t) { both.arrive_and_wait(); });
  };
  two_at_once();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    two_at_once();
    _exit(7);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

}  // namespace
}  // namespace wta
