#include "core/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wta/error.h"

namespace wta {
namespace {

TEST(Memory, WhatFitsPasses) {
  EXPECT_GT(available_memory_bytes(), 0);
  EXPECT_NO_THROW(require_memory(0, 1000, "encode", "less"));
  EXPECT_NO_THROW(require_memory(10, 10, "encode", "less"));
}

TEST(Memory, WhatDoesNotFitIsRefusedWithItsSizeAndTheNextStep) {
  try {
    require_memory(std::int64_t{1} << 20, std::int64_t{1} << 20, "encode", "fewer maps");
    FAIL();
  } catch (const MemoryError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("encode: 1048576 x 1048576 float32 values"));
    EXPECT_THAT(error.what(), testing::HasSubstr("4096.0 GiB"));
    EXPECT_THAT(error.what(), testing::HasSubstr("GiB are free"));
    EXPECT_THAT(error.what(), testing::EndsWith("Try: fewer maps."));
  }
}

TEST(Memory, ProductsBeyondInt64AreRefusedToo) {
  EXPECT_THROW(require_memory(std::int64_t{1} << 40, std::int64_t{1} << 40, "encode", "less"), MemoryError);
}

// What is left for everything else counts as well.
TEST(Memory, TheReserveIsKeptFree) {
  const std::int64_t available = available_memory_bytes();
  EXPECT_THROW(require_memory(1, (available - (std::int64_t{1} << 29)) / 4, "encode", "less"), MemoryError);
}

}  // namespace
}  // namespace wta
