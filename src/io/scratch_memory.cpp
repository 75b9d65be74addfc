#include "io/scratch_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "io/descriptor.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& folder, std::size_t bytes, int code) {
  throw IoError(
      fmt::format("{}: a temporary file of {} bytes could not be made: {}. Try: free disk space, or a run in "
                  "another folder.",
                  folder.string(), bytes, std::generic_category().message(code)));
}

// A file that no name leads to. Not every file system can make one at once.
Descriptor open_unnamed(const fs::path& folder) {
  Descriptor file(uninterrupted([&] { return open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }));
  if (file.open() || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  std::string name = (folder / "codes.XXXXXX").string();
  Descriptor named(mkostemp(name.data(), O_CLOEXEC));
  if (named.open()) unlink(name.c_str());
  return named;
}

}  // namespace

std::shared_ptr<float> scratch_memory(const fs::path& folder, std::int64_t count) {
  const std::size_t bytes = static_cast<std::size_t>(std::max<std::int64_t>(1, count)) * sizeof(float);
  const Descriptor file = open_unnamed(folder);
  if (!file.open()) fail(folder, bytes, errno);
  // Reports its error instead of setting errno.
  int code = EINTR;
  while (code == EINTR) code = posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
  if (code != 0) fail(folder, bytes, code);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) fail(folder, bytes, errno);
  return {static_cast<float*>(memory), [bytes](float* mapped) { munmap(mapped, bytes); }};
}

}  // namespace wta
