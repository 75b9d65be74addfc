#pragma once
/// The frames of an event file, TensorFlow's record format: length of the data (u64) | its checksum (u32) |
/// data | checksum of the data (u32), little-endian.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io/descriptor.h"

namespace wta {

/// One record with the data.
[[nodiscard]] std::string framed(std::string_view data);

/// Reads the records of a file that a killed process may have left half-written.
class RecordReader {
 public:
  /// Throws IoError that names the file.
  explicit RecordReader(const std::filesystem::path& path);
  /// The data of the next record; nullopt at the end, and for a record that is cut short or damaged, behind
  /// which nothing can be read. Throws IoError.
  [[nodiscard]] std::optional<std::string> next();
  /// The byte behind the records read so far.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  [[nodiscard]] std::optional<std::string> checked(std::uint64_t length);
  [[nodiscard]] bool read(std::span<char> bytes);

  std::filesystem::path path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace wta
