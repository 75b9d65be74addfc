#include "io/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "wta/error.h"

namespace wta {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int code) {
  throw IoError(fmt::format("{}: the file could not be locked: {}. Try: check its permissions.",
                            path.string(), std::generic_category().message(code)));
}

// 0, or the system's reason.
int try_lock(int descriptor) {
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

bool means_unsupported(int code) {
  return code == ENOSYS || code == EOPNOTSUPP || code == EINVAL || code == ENOLCK;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path)
    : descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail(path, errno);
  const int code = try_lock(descriptor_);
  if (code == 0) return;
  close(std::exchange(descriptor_, -1));
  if (code != EWOULDBLOCK && !means_unsupported(code)) fail(path, code);
  state_ = code == EWOULDBLOCK ? State::taken : State::unsupported;
}

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), state_(other.state_) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(state_, other.state_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace wta
