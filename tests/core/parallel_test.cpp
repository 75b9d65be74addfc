#include "core/parallel.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <stdexcept>
#include <vector>

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

TEST(ParallelFor, LibrariesInsideATaskSeeOneThreadAlsoInATeamOfOne) {
  for (const int threads : {1, 2}) {
    parallel_for({.threads = threads}, 4, [](std::int64_t) { EXPECT_EQ(omp_get_max_threads(), 1); });
  }
}

}  // namespace
}  // namespace wta
