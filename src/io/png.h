#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

namespace wta {

/// An 8-bit picture, row by row, channels last (1 = grey, 3 = RGB).
struct Image {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 1;
  std::vector<std::uint8_t> pixels;
};

/// Writes a PNG, atomically. The same picture gives the same bytes.
void write_png(const std::filesystem::path& path, const Image& image);
/// Reads an 8-bit grey or RGB PNG. Throws IoError, DataError.
[[nodiscard]] Image read_png(const std::filesystem::path& path);

}  // namespace wta
