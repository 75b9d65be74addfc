#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>

namespace wta::testing_support {

/// A file in memory, without a name on any disk, that holds one input after the other: for readers of paths.
class InputFile {
 public:
  InputFile() : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
    require(descriptor_ >= 0, "memfd_create");
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  }
  ~InputFile() { close(descriptor_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Its path, with the input in it.
  [[nodiscard]] const std::filesystem::path& holding(std::span<const std::byte> bytes) const {
    const auto size = static_cast<off_t>(bytes.size());
    require(ftruncate(descriptor_, size) == 0, "ftruncate");
    require(bytes.empty() || pwrite(descriptor_, bytes.data(), bytes.size(), 0) == size, "pwrite");
    return path_;
  }
  [[nodiscard]] const std::filesystem::path& holding(const std::string& bytes) const {
    return holding(std::as_bytes(std::span(bytes)));
  }

 private:
  static void require(bool worked, const char* what) {
    if (worked) return;
    std::perror(what);
    std::abort();
  }

  int descriptor_;
  std::filesystem::path path_;
};

}  // namespace wta::testing_support
