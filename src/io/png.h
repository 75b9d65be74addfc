#pragma once
#include "io/image.h"

namespace wta {

/// Writes a PNG, atomically. The same picture gives the same bytes.
void write_png(const std::filesystem::path& path, const Image& image);
/// The bytes that write_png writes; `where` is what messages name. Throws IoError.
[[nodiscard]] std::vector<std::byte> encode_png(const Image& image, const std::string& where);
/// Reads a PNG of any kind as grey or RGB: palettes become RGB, 16 bits become 8, transparency is dropped.
/// Throws IoError, DataError.
[[nodiscard]] Image read_png(const std::filesystem::path& path);
/// As read_png, from memory; `where` is the file that messages name.
[[nodiscard]] Image decode_png(std::span<const std::byte> file, const std::string& where);

}  // namespace wta
