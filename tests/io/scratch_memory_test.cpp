#include "io/scratch_memory.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;
using testing_support::message_of;
using testing_support::TemporaryFolder;

TEST(ScratchMemory, HoldsZerosThenWhatIsWrittenAndNoFileIsSeen) {
  const TemporaryFolder folder;
  constexpr std::int64_t kCount = 3 << 20;
  const std::shared_ptr<float> memory = scratch_memory(folder.path(), kCount);
  EXPECT_TRUE(std::all_of(memory.get(), memory.get() + kCount, [](float v) { return v == 0; }));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.get()) % 64, 0U);
  memory.get()[0] = 1;
  memory.get()[kCount - 1] = 2;
  EXPECT_EQ(memory.get()[0] + memory.get()[kCount - 1], 3);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(ScratchMemory, WhatTheDiskCannotHoldIsRefusedAtOnce) {
  const TemporaryFolder folder;
  EXPECT_THAT(
      message_of<IoError>([&] { (void)scratch_memory(folder.path(), std::int64_t{1} << 50); }),
      testing::AllOf(testing::HasSubstr(folder.path().string()), testing::HasSubstr("Try: free disk")));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(ScratchMemory, AMissingFolderIsAnError) {
  const TemporaryFolder folder;
  EXPECT_THROW((void)scratch_memory(folder.path() / "none", 10), IoError);
}

}  // namespace
}  // namespace wta
