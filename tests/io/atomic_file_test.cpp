#include "io/atomic_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::message_of;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(AtomicFile, ReplacesTheOldFileOnlyAtCommit) {
  const TemporaryFolder folder;
  const auto path = write_bytes(folder.path() / "f", "old");
  AtomicFile file(path);
  file.write("new ");
  file.write("content");
  EXPECT_EQ(read_bytes(path), "old");
  file.commit();
  EXPECT_EQ(read_bytes(path), "new content");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(AtomicFile, WithoutCommitLeavesNothingBehind) {
  const TemporaryFolder folder;
  { AtomicFile(folder.path() / "f").write("lost"); }
  EXPECT_EQ(files_in(folder.path()), 0U);
}

TEST(AtomicFile, AMissingFolderIsAnIoErrorThatNamesTheFile) {
  const std::string message = message_of<IoError>([] { AtomicFile("/no/such/folder/f"); });
  EXPECT_THAT(message,
              testing::AllOf(testing::HasSubstr("/no/such/folder/f"), testing::HasSubstr("No such file")));
}

// In a child process whose files may not grow beyond 1000 bytes, as on a full disk.
TEST(AtomicFile, AFullDiskKeepsTheOldFileAndLeavesNoTemporary) {
  const TemporaryFolder folder;
  const auto path = write_bytes(folder.path() / "f", "old");
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      AtomicFile file(path);
      file.write(std::string(5000, 'x'));
      file.commit();
      _exit(1);
    } catch (const IoError&) {
      _exit(0);
    }
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_bytes(path), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(AtomicFile, ALinkStaysAndLeadsToTheNewFile) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "elsewhere");
  const auto path = write_bytes(folder.path() / "elsewhere" / "f", "old");
  std::filesystem::create_symlink(path, folder.path() / "link");
  write_text(folder.path() / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
  EXPECT_EQ(read_bytes(path), "new");
}

TEST(AtomicFile, ADeviceIsWrittenToAndStays) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/full", folder.path() / "full");
  std::filesystem::create_symlink("/dev/null", folder.path() / "null");
  const std::string message = message_of<IoError>([&] { write_text(folder.path() / "full", "lost"); });
  EXPECT_THAT(message, testing::AllOf(testing::HasSubstr("full"), testing::HasSubstr("No space left")));
  write_text(folder.path() / "null", "nobody reads this");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "null"));
  EXPECT_EQ(files_in(folder.path()), 2U);
}

// Where a process of the same number died, as in a container that starts again.
TEST(AtomicFile, ATemporaryOfTheSameNameIsNoObstacle) {
  const TemporaryFolder folder;
  for (int i = 0; i < 100; ++i) write_bytes(folder.path() / fmt::format("f.{}-{}.tmp", getpid(), i), "half");
  write_text(folder.path() / "f", "whole");
  EXPECT_EQ(read_bytes(folder.path() / "f"), "whole");
}

TEST(StaleTemporaries, AreRemovedButThoseInUseAndFilesOfOtherNamesStay) {
  const TemporaryFolder folder;
  write_bytes(folder.path() / "f.123-0.tmp", "half");
  for (const char* name :
       {"f", "f.tmp", "f.123.tmp", "f.a-0.tmp", "f.123-.tmp", "123-0.tmp", "f.123-0.tmp.bak"}) {
    write_bytes(folder.path() / name, "a user's own");
  }
  AtomicFile in_use(folder.path() / "g");
  in_use.write("whole");
  remove_stale_temporaries(folder.path());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "f.123-0.tmp"));
  in_use.commit();
  EXPECT_EQ(read_bytes(folder.path() / "g"), "whole");
  EXPECT_EQ(files_in(folder.path()), 8U);
}

TEST(StaleTemporaries, OfAMissingFolderAreNone) {
  const TemporaryFolder folder;
  EXPECT_NO_THROW(remove_stale_temporaries(folder.path() / "nowhere"));
}

}  // namespace
}  // namespace wta
