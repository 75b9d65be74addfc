#pragma once
/// Zip archives by hand: also such as no program writes.

#include <cstdint>
#include <string>
#include <vector>

namespace wta::testing_support {

/// What an archive says of a file in it.
struct ZipMember {
  std::string name;
  std::size_t offset = 0;  ///< of its header
  std::size_t packed_bytes = 0;
  std::size_t bytes = 0;
  unsigned method = 0;  ///< 0: stored
};

/// A number of so many bytes, the lowest first.
inline std::string number(std::size_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text += static_cast<char>(value & 0xff);
    value >>= 8;
  }
  return text;
}

/// What both headers of a file say: version, flags, method, time, date, no checksum, sizes and lengths.
inline std::string zip_fields(const ZipMember& member) {
  return number(20, 2) + number(0, 2) + number(member.method, 2) + number(0, 2) + number(0x21, 2) +
         number(0, 4) + number(member.packed_bytes, 4) + number(member.bytes, 4) +
         number(member.name.size(), 2) + number(0, 2);
}

/// What stands before the file's packed bytes.
inline std::string zip_header(const ZipMember& member) {
  return "PK\3\4" + zip_fields(member) + member.name;
}

/// `content`, headers and packed bytes, with the list of its files behind it.
inline std::string zip_archive(const std::string& content, const std::vector<ZipMember>& members) {
  std::string list;
  for (const ZipMember& member : members) {
    list += "PK\1\2" + number(20, 2) + zip_fields(member) + number(0, 10) + number(member.offset, 4) +
            member.name;
  }
  return content + list + "PK\5\6" + number(0, 4) + number(members.size(), 2) + number(members.size(), 2) +
         number(list.size(), 4) + number(content.size(), 4) + number(0, 2);
}

}  // namespace wta::testing_support
