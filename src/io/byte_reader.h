#pragma once
/// A cursor over untrusted bytes whose every read is checked.

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "wta/error.h"

namespace wta {

class ByteReader {
 public:
  /// `where` is the file that messages name.
  ByteReader(std::span<const std::byte> bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - offset_; }

  /// The next `count` bytes; DataError that names `field` when there are fewer.
  std::span<const std::byte> take(std::size_t count, const char* field) {
    if (count > remaining()) {
      fail(fmt::format("{} (byte {}) needs {} bytes; the file ends after {}", field, offset_, count,
                       remaining()));
    }
    const auto part = bytes_.subspan(offset_, count);
    offset_ += count;
    return part;
  }
  /// Next unsigned integer.
  template <class T>
  T little_endian(const char* field) {
    T value = 0;
    std::memcpy(&value, take(sizeof(T), field).data(), sizeof(T));
    return value;
  }
  std::uint32_t big_endian_u32(const char* field) {
    return __builtin_bswap32(little_endian<std::uint32_t>(field));
  }
  std::string_view text(std::size_t count, const char* field) {
    const auto part = take(count, field);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(fmt::format("{}: {}. Try: another copy of the file.", where_, problem));
  }

 private:
  std::span<const std::byte> bytes_;
  std::string where_;
  std::size_t offset_ = 0;
};

/// Reverses the bytes of each value of `size` bytes (big-endian files).
inline void swap_bytes(std::byte* values, std::size_t count, std::size_t size) {
  for (std::size_t i = 0; i < count; ++i, values += size) {
    for (std::size_t b = 0; b < size / 2; ++b) std::swap(values[b], values[size - 1 - b]);
  }
}

}  // namespace wta
