// To be preloaded (LD_PRELOAD): every read and write of a file moves WTA_MOST_BYTES at most, as system calls
// may, and a signal interrupts every third.

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace {

std::size_t most_bytes() {
  const char* text = std::getenv("WTA_MOST_BYTES");
  const long bytes = text == nullptr ? 0 : std::atol(text);
  return bytes > 0 ? static_cast<std::size_t>(bytes) : 1;
}

bool is_interrupted() {
  static std::atomic<unsigned> calls{0};
  if (++calls % 3 != 0) return false;
  errno = EINTR;
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t read(int file, void* bytes, size_t count) {
  static auto* const real = next<ssize_t(int, void*, size_t)>("read");
  return is_interrupted() ? -1 : real(file, bytes, std::min(count, most_bytes()));
}

ssize_t write(int file, const void* bytes, size_t count) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  return is_interrupted() ? -1 : real(file, bytes, std::min(count, most_bytes()));
}

ssize_t writev(int file, const iovec* parts, int count) {
  for (int i = 0; i < count; ++i) {
    if (parts[i].iov_len > 0) return write(file, parts[i].iov_base, parts[i].iov_len);
  }
  return 0;
}

}  // extern "C"
