#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace wta {

/// A file that appears under its name only when commit() returns: temporary file in the same folder,
/// fsync, rename, fsync of the folder. Destroyed without commit, it leaves nothing behind.
/// Every failure throws IoError that names the file and the system's reason, and leaves the old file as it
/// was.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

/// The whole text as a file, atomically.
void write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace wta
