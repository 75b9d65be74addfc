#pragma once
#include "io/image.h"

namespace wta {

/// The picture as the bytes of a PNG file, the same bytes for the same picture; `where` is what messages
/// name. Throws IoError.
[[nodiscard]] std::vector<std::byte> encode_png(const Image& image, const std::string& where);
/// Writes a PNG, atomically.
void write_png(const std::filesystem::path& path, const Image& image);
/// Reads a PNG of any kind as grey or RGB: palettes become RGB, 16 bits become 8, transparency is dropped.
/// Throws IoError, DataError.
[[nodiscard]] Image read_png(const std::filesystem::path& path);
/// As read_png, from memory; `where` is the file that messages name.
[[nodiscard]] Image decode_png(std::span<const std::byte> file, const std::string& where);

}  // namespace wta
