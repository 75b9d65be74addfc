#include "io/file_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::TemporaryFolder;

TEST(FileLock, OneHolderAtATime) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / ".lock";
  {
    const FileLock first(path);
    EXPECT_EQ(first.state(), FileLock::State::held);
    EXPECT_EQ(FileLock(path).state(), FileLock::State::taken);
    EXPECT_EQ(FileLock(folder.path() / "other").state(), FileLock::State::held);
  }
  EXPECT_EQ(FileLock(path).state(), FileLock::State::held);
}

TEST(FileLock, MovesWithItsObject) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / ".lock";
  FileLock first(path);
  FileLock second(std::move(first));
  EXPECT_EQ(FileLock(path).state(), FileLock::State::taken);
  second = FileLock(folder.path() / "other");
  EXPECT_EQ(FileLock(path).state(), FileLock::State::held);
}

TEST(FileLock, AKilledHolderLeavesNone) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / ".lock";
  int held[2];
  ASSERT_EQ(pipe(held), 0);
  const pid_t child = fork();
  if (child == 0) {
    const FileLock lock(path);
    (void)!write(held[1], "x", 1);
    pause();
  }
  char byte = 0;
  ASSERT_EQ(read(held[0], &byte, 1), 1);
  EXPECT_EQ(FileLock(path).state(), FileLock::State::taken);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(FileLock(path).state(), FileLock::State::held);
  close(held[0]);
  close(held[1]);
}

TEST(FileLock, AFileThatCannotBeMadeIsRefused) {
  EXPECT_THROW(FileLock("/nowhere/.lock"), IoError);
}

}  // namespace
}  // namespace wta
