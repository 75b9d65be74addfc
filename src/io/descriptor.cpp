#include "io/descriptor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <system_error>

namespace wta {

// Closed also where a signal interrupted that: to try again could close another thread's file.
bool Descriptor::close() {
  if (!open()) return true;
  return ::close(release()) == 0 || errno == EINTR;
}

Descriptor open_file(const std::filesystem::path& path, int flags) {
  constexpr mode_t kAsUmaskAllows = 0666;
  return Descriptor(uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kAsUmaskAllows); }));
}

bool write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = uninterrupted([&] { return ::write(file, bytes.data(), bytes.size()); });
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::optional<std::size_t> read_full(int file, std::span<std::byte> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const std::span<std::byte> rest = bytes.subspan(filled);
    const ssize_t got = uninterrupted([&] { return ::read(file, rest.data(), rest.size()); });
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

bool lock_now(const Descriptor& file) {
  return uninterrupted([&] { return flock(file.get(), LOCK_EX | LOCK_NB); }) == 0;
}

std::string system_reason() {
  return std::generic_category().message(errno);
}

}  // namespace wta
