#pragma once
/// Writes messages in the wire format of Protocol Buffers, field by field: all that event files and ONNX
/// models need of it (docs/decisions/0017).

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wta {

/// A message under construction. Fields appear in the order in which they are added; the numbers are those of
/// the format's .proto file.
class ProtobufMessage {
 public:
  /// int32, int64, uint64, bool and enum fields. Negative values take ten bytes, as the format asks.
  void add_integer(std::uint32_t field, std::int64_t value) {
    add_key(field, WireType::varint);
    add_varint(static_cast<std::uint64_t>(value));
  }
  void add_float(std::uint32_t field, float value) {
    add_key(field, WireType::fixed32);
    add_little_endian(std::bit_cast<std::uint32_t>(value));
  }
  void add_double(std::uint32_t field, double value) {
    add_key(field, WireType::fixed64);
    add_little_endian(std::bit_cast<std::uint64_t>(value));
  }
  /// string and bytes fields.
  void add_bytes(std::uint32_t field, std::string_view value) {
    add_key(field, WireType::length_delimited);
    add_varint(value.size());
    bytes_.append(value);
  }
  void add_message(std::uint32_t field, const ProtobufMessage& value) { add_bytes(field, value.bytes()); }
  /// A repeated double field, packed.
  void add_packed(std::uint32_t field, std::span<const double> values) {
    ProtobufMessage packed;
    for (const double value : values) packed.add_little_endian(std::bit_cast<std::uint64_t>(value));
    add_bytes(field, packed.bytes());
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  enum class WireType : std::uint32_t { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };

  void add_key(std::uint32_t field, WireType type) {
    add_varint(field << 3 | static_cast<std::uint32_t>(type));
  }
  void add_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  template <class Word>
  void add_little_endian(Word word) {
    for (std::size_t i = 0; i < sizeof word; ++i) bytes_.push_back(static_cast<char>(word >> (8 * i) & 0xff));
  }

  std::string bytes_;
};

}  // namespace wta
