#pragma once
#include "io/image.h"

namespace wta {

/// A JPEG, grey or RGB; what the file says of its orientation is not applied. Throws DataError that names
/// `where` (damaged, cut short, CMYK).
[[nodiscard]] Image decode_jpeg(std::span<const std::byte> file, const std::string& where);

/// A JPEG of the picture, grey or RGB, its colours at full resolution; quality 1..100. The same picture gives
/// the same bytes. Throws IoError that names `where`.
[[nodiscard]] std::vector<std::byte> encode_jpeg(const Image& image, int quality, const std::string& where);

}  // namespace wta
