#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wta {

/// An 8-bit picture, row by row, channels last (1 = grey, 3 = RGB).
struct Image {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 1;
  std::vector<std::uint8_t> pixels;
};

/// True when the name ends in .png, .jpg, .jpeg, .ppm or .pgm, in either case.
[[nodiscard]] bool has_image_name(const std::filesystem::path& path);

/// Reads a PNG, a JPEG, or a binary PGM or PPM, told apart by content. Throws IoError, DataError (another
/// kind, damaged, cut short, too large: names the file).
[[nodiscard]] Image read_image(const std::filesystem::path& path);

/// Throws DataError that names `where` unless the size is 1 x 1 to 2^16 x 2^16 and at most 2^28 pixels: what
/// a header says is checked before memory is taken.
void require_image_size(std::int64_t height, std::int64_t width, const std::string& where);

/// Throws DataError that names `where` unless a file of `bytes` may hold a picture of that size, of which it
/// takes at least one byte for every `most` pixels.
void require_image_bytes(std::int64_t height, std::int64_t width, std::size_t bytes, std::int64_t most,
                         const std::string& where);

}  // namespace wta
