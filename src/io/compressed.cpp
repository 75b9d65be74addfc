#include "io/compressed.h"

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "core/memory.h"
#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::size_t kFirstBuffer = 1 << 16;
constexpr std::uint64_t kXzMemory = 256ULL << 20;

[[noreturn]] void fail_unpacking(const std::string& where, const char* kind, std::size_t offset) {
  throw DataError(
      fmt::format("{}: the {} stream is damaged or cut short near byte {}. Try: another copy of the file.",
                  where, kind, offset));
}

[[noreturn]] void fail_for_memory(const std::string& where) {
  throw MemoryError(where + ": no memory to unpack the file. Try: unpack it before.");
}

// Room for more output, doubling up to the limit: what a header promises takes no memory before it is there.
void grow(std::vector<std::byte>& bytes, std::size_t limit, const std::string& where) {
  const std::size_t size = std::min(limit, std::max(kFirstBuffer, bytes.size() * 2));
  require_room_to_unpack(size, where);
  bytes.resize(size);
}

// What zlib may unpack, as its window bits.
constexpr int kZlibOnly = 15;
constexpr int kGzipOnly = 15 + 16;

struct Inflater {
  z_stream stream{};
  Inflater(int kind, const std::string& where) {
    if (inflateInit2(&stream, kind) != Z_OK) fail_for_memory(where);
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

Unpacked inflated(int kind, std::span<const std::byte> packed, std::size_t limit, const std::string& where) {
  const char* name = kind == kGzipOnly ? "gzip" : "zlib";
  Inflater inflater(kind, where);
  z_stream& stream = inflater.stream;
  // zlib's interface takes a pointer to non-const, and reads only.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(packed.size(), std::numeric_limits<uInt>::max()));
  Unpacked result;
  std::size_t filled = 0;
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    if (filled == result.bytes.size()) {
      if (filled == limit) break;
      grow(result.bytes, limit, where);
    }
    stream.next_out = reinterpret_cast<Bytef*>(result.bytes.data() + filled);
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(result.bytes.size() - filled, 1U << 30));
    const uInt room = stream.avail_out;
    status = inflate(&stream, Z_NO_FLUSH);
    filled += room - stream.avail_out;
    if (status == Z_MEM_ERROR) fail_for_memory(where);
    if (status != Z_OK && status != Z_STREAM_END) fail_unpacking(where, name, stream.total_in);
  }
  if (status == Z_STREAM_END && stream.avail_in != 0) fail_unpacking(where, name, stream.total_in);
  result.bytes.resize(filled);
  result.complete = status == Z_STREAM_END;
  return result;
}

struct XzDecoder {
  lzma_stream stream = LZMA_STREAM_INIT;
  explicit XzDecoder(const std::string& where) {
    if (lzma_stream_decoder(&stream, kXzMemory, 0) != LZMA_OK) fail_for_memory(where);
  }
  ~XzDecoder() { lzma_end(&stream); }
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;
};

Unpacked unpack_xz(std::span<const std::byte> packed, std::size_t limit, const std::string& where) {
  XzDecoder decoder(where);
  lzma_stream& stream = decoder.stream;
  stream.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
  stream.avail_in = packed.size();
  Unpacked result;
  std::size_t filled = 0;
  lzma_ret status = LZMA_OK;
  while (status != LZMA_STREAM_END) {
    if (filled == result.bytes.size()) {
      if (filled == limit) break;
      grow(result.bytes, limit, where);
    }
    stream.next_out = reinterpret_cast<std::uint8_t*>(result.bytes.data() + filled);
    stream.avail_out = result.bytes.size() - filled;
    status = lzma_code(&stream, LZMA_FINISH);
    filled = result.bytes.size() - stream.avail_out;
    if (status == LZMA_MEM_ERROR) fail_for_memory(where);
    if (status != LZMA_OK && status != LZMA_STREAM_END) fail_unpacking(where, "xz", stream.total_in);
  }
  if (status == LZMA_STREAM_END && stream.avail_in != 0) fail_unpacking(where, "xz", stream.total_in);
  result.bytes.resize(filled);
  result.complete = status == LZMA_STREAM_END;
  return result;
}

bool starts_with(std::span<const std::byte> bytes, std::initializer_list<unsigned char> magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(),
                    [](unsigned char m, std::byte b) { return std::byte{m} == b; });
}

}  // namespace

Compression compression_of(std::span<const std::byte> bytes) {
  if (starts_with(bytes, {0x1f, 0x8b})) return Compression::gzip;
  if (starts_with(bytes, {0xfd, '7', 'z', 'X', 'Z', 0x00})) return Compression::xz;
  return Compression::none;
}

Unpacked unpack(std::span<const std::byte> packed, std::size_t limit, const std::string& where) {
  return compression_of(packed) == Compression::gzip ? inflated(kGzipOnly, packed, limit, where)
                                                     : unpack_xz(packed, limit, where);
}

Unpacked unpack_zlib(std::span<const std::byte> packed, std::size_t limit, const std::string& where) {
  return inflated(kZlibOnly, packed, limit, where);
}

void require_room_to_unpack(std::size_t bytes, const std::string& where) {
  constexpr std::size_t kSmall = std::size_t{1} << 26;
  if (bytes <= kSmall) return;
  constexpr std::int64_t kCopies = 3;
  constexpr std::size_t kLargest = INT64_MAX / 16;
  const auto values = static_cast<std::int64_t>(std::min(bytes, kLargest) / sizeof(float));
  if (fits_in_memory(kCopies, values)) return;
  throw MemoryError(
      fmt::format("{}: what the file unpacks to must fit in memory, three times while it is read; {}. "
                  "Try: a part of the data.",
                  where, describe_need(kCopies, values)));
}

std::vector<std::byte> read_unpacked(const std::filesystem::path& path, std::size_t limit,
                                     std::size_t most_unpacked) {
  std::vector<std::byte> content = read_file(path);
  const char* step = "a part of the data";
  if (compression_of(content) != Compression::none) {
    step = "unpack it first, or a part of the data";
    limit = std::min(limit, most_unpacked);
    content = unpack(content, limit + 1, path.string()).bytes;
  }
  if (content.size() <= limit) return content;
  throw DataError(
      fmt::format("{}: the content may have {} bytes; got more. Try: {}.", path.string(), limit, step));
}

}  // namespace wta
