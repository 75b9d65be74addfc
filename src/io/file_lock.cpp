#include "io/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>

#include "wta/error.h"

namespace wta {
namespace {

[[noreturn]] void fail_locking(const std::filesystem::path& path) {
  const std::string reason = system_reason();
  throw IoError(fmt::format("{}: the file could not be locked: {}. Try: check its permissions.",
                            path.string(), reason));
}

bool means_unsupported(int code) {
  return code == ENOSYS || code == EOPNOTSUPP || code == EINVAL || code == ENOLCK;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) : file_(open_file(path, O_RDWR | O_CREAT)) {
  if (!file_.open()) fail_locking(path);
  if (lock_now(file_)) return;
  if (errno == EWOULDBLOCK) {
    state_ = State::taken;
  } else if (means_unsupported(errno)) {
    state_ = State::unsupported;
  } else {
    fail_locking(path);
  }
}

}  // namespace wta
