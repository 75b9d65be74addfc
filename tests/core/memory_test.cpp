#include "core/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/environment.h"

namespace wta {
namespace {

using testing_support::ScopedVariable;

TEST(Memory, WhatFitsFits) {
  EXPECT_GT(available_memory_bytes(), 0);
  EXPECT_TRUE(fits_in_memory(0, 1000));
  EXPECT_TRUE(fits_in_memory(10, 10));
}

TEST(Memory, WhatIsTooLargeDoesNotAlsoBeyondInt64) {
  EXPECT_FALSE(fits_in_memory(std::int64_t{1} << 20, std::int64_t{1} << 20));
  EXPECT_FALSE(fits_in_memory(std::int64_t{1} << 40, std::int64_t{1} << 40));
}

TEST(Memory, TheNeedIsSaidInGib) {
  const ScopedVariable limit("WTA_MEMORY_GIB", "1.5");
  EXPECT_EQ(describe_need(std::int64_t{1} << 20, std::int64_t{1} << 20),
            "1048576 x 1048576 float32 values take 4096.0 GiB (and 1 GiB for the rest), 1.5 GiB of memory "
            "are free");
}

TEST(Memory, BytesAreSaidInTheUnitThatSuitsThem) {
  EXPECT_EQ(bytes_text(1024), "1.0 KiB");
  EXPECT_EQ(bytes_text(2.5 * 1024 * 1024), "2.5 MiB");
  EXPECT_EQ(bytes_text(3e12), "2794.0 GiB");
}

// What is left for everything else counts as well.
TEST(Memory, TheReserveIsKeptFree) {
  const std::int64_t available = available_memory_bytes();
  EXPECT_FALSE(fits_in_memory(1, (available - (std::int64_t{1} << 29)) / 4));
}

TEST(Memory, TheEnvironmentLimitsIt) {
  const std::int64_t before = available_memory_bytes();
  {
    const ScopedVariable limit("WTA_MEMORY_GIB", "0.25");
    EXPECT_EQ(available_memory_bytes(), std::int64_t{1} << 28);
  }
  for (const char* no_limit : {"1e30", "-1", "much"}) {
    const ScopedVariable limit("WTA_MEMORY_GIB", no_limit);
    EXPECT_GT(available_memory_bytes(), before / 2) << no_limit;
  }
}

}  // namespace
}  // namespace wta
