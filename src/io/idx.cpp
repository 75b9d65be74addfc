#include "io/idx.h"

#include <algorithm>
#include <array>
#include <vector>

#include "io/byte_reader.h"
#include "io/compressed.h"
#include "io/read_file.h"

namespace wta {
namespace {

constexpr std::size_t kLongestIdxHeader = 4 + 4 * 255;

// What the first bytes of an idx file say.
struct IdxHeader {
  unsigned type = 0;
  Shape shape;
  std::size_t item_bytes = 0;
  std::size_t header_bytes = 0;
  std::size_t data_bytes = 0;
};

std::size_t item_bytes_of(ByteReader& reader, unsigned type) {
  switch (type) {
    case 0x08:
    case 0x09:
      return 1;
    case 0x0B:
      return 2;
    case 0x0C:
    case 0x0D:
      return 4;
    case 0x0E:
      return 8;
    default:
      reader.fail(fmt::format("element type (byte 2) must be 08, 09, 0B, 0C, 0D or 0E; got {:02X}", type));
  }
}

IdxHeader read_idx_header(std::span<const std::byte> bytes, const std::string& where) {
  ByteReader reader(bytes, where);
  const std::uint32_t magic = reader.big_endian_u32("magic");
  if (magic >> 16 != 0)
    reader.fail(fmt::format("an idx file starts with two zero bytes (byte 0); got {:08X}", magic));
  IdxHeader header{.type = magic >> 8 & 0xFF, .shape = {}};
  header.item_bytes = item_bytes_of(reader, header.type);
  std::int64_t size = static_cast<std::int64_t>(header.item_bytes);
  for (std::uint32_t i = 0; i < (magic & 0xFF); ++i) {
    const std::int64_t extent = reader.big_endian_u32("dimension");
    header.shape.push_back(extent);
    if (__builtin_mul_overflow(size, extent, &size))
      reader.fail("the product of the dimensions (byte 4) overflows");
  }
  header.header_bytes = reader.offset();
  header.data_bytes = static_cast<std::size_t>(size);
  return header;
}

// The whole file, unpacked; never more than its own header announces, plus one byte that tells of too many.
std::vector<std::byte> load(const std::filesystem::path& path, const std::string& where) {
  std::vector<std::byte> file = read_file(path);
  if (compression_of(file) == Compression::none) return file;
  const Unpacked head = unpack(file, kLongestIdxHeader, where);
  const IdxHeader header = read_idx_header(head.bytes, where);
  return unpack(file, header.header_bytes + header.data_bytes + 1, where).bytes;
}

template <class T>
AnyTensor values(const IdxHeader& header, std::span<const std::byte> data) {
  Tensor<T> tensor(header.shape);
  if (!data.empty()) std::memcpy(tensor.data(), data.data(), data.size());
  swap_bytes(reinterpret_cast<std::byte*>(tensor.data()), static_cast<std::size_t>(tensor.size()), sizeof(T));
  return tensor;
}

}  // namespace

AnyTensor read_idx(const std::filesystem::path& path) {
  const std::string where = path.string();
  const std::vector<std::byte> file = load(path, where);
  const IdxHeader header = read_idx_header(file, where);
  ByteReader reader(file, where);
  (void)reader.take(header.header_bytes, "header");
  if (reader.remaining() != header.data_bytes) {
    reader.fail(fmt::format("data (byte {}) of shape {} must take {} bytes; got {}{}", header.header_bytes,
                            to_string(header.shape), header.data_bytes,
                            reader.remaining() > header.data_bytes ? "at least " : "", reader.remaining()));
  }
  const std::span<const std::byte> data = reader.take(header.data_bytes, "data");
  switch (header.type) {
    case 0x08:
      return values<std::uint8_t>(header, data);
    case 0x09:
      return values<std::int8_t>(header, data);
    case 0x0B:
      return values<std::int16_t>(header, data);
    case 0x0C:
      return values<std::int32_t>(header, data);
    case 0x0D:
      return values<float>(header, data);
    default:
      return values<double>(header, data);
  }
}

}  // namespace wta
