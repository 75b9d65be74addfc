#include "core/control_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "support/temporary_folder.h"

namespace wta {
namespace {

namespace fs = std::filesystem;
using testing::Eq;
using testing::Optional;

using Files = std::map<std::string, std::string>;

/// Where Linux would show these files.
std::optional<std::int64_t> bytes_of(const Files& files) {
  const testing_support::TemporaryFolder folder;
  for (const auto& [name, text] : files) {
    fs::create_directories((folder.path() / name).parent_path());
    std::ofstream(folder.path() / name) << text;
  }
  return group_memory_bytes(folder.path() / "membership", folder.path());
}

TEST(ControlGroup, WithoutGroupsNothingLimits) {
  EXPECT_THAT(group_memory_bytes("/does/not/exist", "/does/not/exist"), Eq(std::nullopt));
  EXPECT_THAT(bytes_of(Files{{"membership", "no colon\n1:memory\n"}}), Eq(std::nullopt));
  EXPECT_THAT(bytes_of(Files{{"membership", "0::/job\n"}, {"job/memory.max", "max\n"}}), Eq(std::nullopt));
}

TEST(ControlGroup, WhatIsLeftIsTheLimitLessWhatCannotBeGivenUp) {
  const Files files{{"membership", "0::/job\n"},
                    {"job/memory.max", "1000\n"},
                    {"job/memory.current", "700\n"},
                    {"job/memory.stat", "anon 600\ninactive_file 40\nactive_file 60\n"}};
  EXPECT_THAT(bytes_of(files), Optional(400));
}

TEST(ControlGroup, AboveTheLimitNothingIsLeft) {
  const Files files{{"membership", "0::/\n"}, {"memory.max", "1000\n"}, {"memory.current", "1700\n"}};
  EXPECT_THAT(bytes_of(files), Optional(0));
}

TEST(ControlGroup, LimitsOfGroupsAboveHoldAsWell) {
  for (const char* path : {"/slice/job/step", "slice//./other/../job/step/", "/../slice/job/step/."}) {
    const Files files{{"membership", std::string("0::") + path + "\n"},
                      {"slice/memory.max", "1000\n"},
                      {"slice/memory.current", "900\n"},
                      {"slice/job/memory.max", "max\n"},
                      {"slice/job/step/memory.max", "500\n"},
                      {"slice/job/step/memory.current", "100\n"}};
    EXPECT_THAT(bytes_of(files), Optional(100)) << path;
    Files more = files;
    more["slice/job/step/memory.current"] = "450\n";
    EXPECT_THAT(bytes_of(more), Optional(50)) << path;
  }
}

TEST(ControlGroup, TheFirstVersionHasNamesOfItsOwn) {
  const Files files{
      {"membership", "9:name=systemd:/job\n4:cpu,memory:/job\n0::/elsewhere\n"},
      {"memory/memory.limit_in_bytes", "9223372036854771712\n"},
      {"memory/job/memory.limit_in_bytes", "1000\n"},
      {"memory/job/memory.usage_in_bytes", "300\n"},
      {"memory/job/memory.stat", "inactive_file 7\ntotal_inactive_file 50\ntotal_active_file 1\n"}};
  EXPECT_THAT(bytes_of(files), Optional(751));
}

// There the path is the host's, or leads out of what is shown; the folder is the container's own group.
TEST(ControlGroup, InAContainerTheFolderOfTheGroupsIsItsOwn) {
  for (const char* path : {"/docker/0123", "/../../other"}) {
    const Files files{{"membership", std::string("0::") + path + "\n"},
                      {"memory.max", "1000\n"},
                      {"memory.current", "400\n"}};
    EXPECT_THAT(bytes_of(files), Optional(600)) << path;
  }
}

}  // namespace
}  // namespace wta
