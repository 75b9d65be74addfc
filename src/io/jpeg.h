#pragma once
#include "io/image.h"

namespace wta {

/// A JPEG, grey or RGB; what the file says of its orientation is not applied. Throws DataError that names
/// `where` (damaged, cut short, CMYK).
[[nodiscard]] Image decode_jpeg(std::span<const std::byte> file, const std::string& where);

}  // namespace wta
