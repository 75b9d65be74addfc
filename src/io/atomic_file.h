#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "io/descriptor.h"

namespace wta {

/// A file that appears under its name only when commit() returns: temporary file in the same folder,
/// fsync, rename, fsync of the folder. Destroyed without commit, it leaves nothing behind.
/// Every failure throws IoError that names the file and the system's reason, and leaves the old file as it
/// was. A link stays, what it leads to is replaced; a device or a pipe (/dev/stdout) is written to as it is.
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
  void open_temporary();

  std::filesystem::path path_;
  std::filesystem::path temporary_;  ///< empty for a device
  Descriptor file_;
};

/// The whole text as a file, atomically.
void write_text(const std::filesystem::path& path, std::string_view text);

/// Removes what processes that died in an AtomicFile left in the folder. What one that lives is writing
/// stays. Throws IoError.
void remove_stale_temporaries(const std::filesystem::path& folder);

}  // namespace wta
