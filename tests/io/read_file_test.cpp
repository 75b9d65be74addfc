#include "io/read_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using testing_support::message_of;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

TEST(ReadFolder, GivesFilesAndFoldersByTheirPaths) {
  const TemporaryFolder folder;
  write_bytes(folder.path() / "a", "1");
  std::filesystem::create_directory(folder.path() / ".b");
  EXPECT_THAT(read_folder(folder.path()), UnorderedElementsAre(folder.path() / "a", folder.path() / ".b"));
}

TEST(ReadFolder, WhatIsNoFolderIsAnIoErrorWithTheReason) {
  const TemporaryFolder folder;
  const auto file = write_bytes(folder.path() / "file", "1");
  for (const auto& [path, reason] : std::vector<std::pair<std::filesystem::path, std::string>>{
           {folder.path() / "none", "No such file"}, {file, "Not a directory"}}) {
    EXPECT_THAT(message_of<IoError>([&, &where = path] { (void)read_folder(where); }),
                AllOf(HasSubstr(path.string() + ": the file cannot be read"), HasSubstr(reason),
                      HasSubstr("Try: another path")));
  }
}

}  // namespace
}  // namespace wta
