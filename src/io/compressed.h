#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wta {

enum class Compression { none, gzip, xz };

/// Recognised by the first bytes.
[[nodiscard]] Compression compression_of(std::span<const std::byte> bytes);

/// What came out, and whether the stream ended within the limit.
struct Unpacked {
  std::vector<std::byte> bytes;
  bool complete = false;
};

/// Unpacks up to `limit` bytes of a gzip or xz stream. Throws DataError that names `where` on a damaged or
/// truncated stream, or on bytes behind its end; MemoryError where it unpacks to more than fits.
[[nodiscard]] Unpacked unpack(std::span<const std::byte> packed, std::size_t limit, const std::string& where);

/// The same of a zlib stream, which no first bytes tell for sure.
[[nodiscard]] Unpacked unpack_zlib(std::span<const std::byte> packed, std::size_t limit,
                                   const std::string& where);

/// Throws MemoryError that names `where` unless `bytes`, three times while they are unpacked and copied, fit
/// in memory, or are few.
void require_room_to_unpack(std::size_t bytes, const std::string& where);

/// What a small file may unpack to where nothing says how much is expected. One byte more tells of too many.
inline constexpr std::size_t kMostUnpacked = (std::size_t{1} << 27) - 1;

/// The whole content of a file, unpacked where it is gzip or xz. Throws IoError, DataError (damaged, or more
/// than `limit` bytes, of which a packed file may hold `most_unpacked`), MemoryError.
[[nodiscard]] std::vector<std::byte> read_unpacked(const std::filesystem::path& path, std::size_t limit,
                                                   std::size_t most_unpacked = kMostUnpacked);

}  // namespace wta
