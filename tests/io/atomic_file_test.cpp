#include "io/atomic_file.h"

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

}  // namespace
}  // namespace wta
