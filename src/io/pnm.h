#pragma once
#include "io/image.h"

namespace wta {

/// A binary PGM (P5) or PPM (P6) of 8 or 16 bits; values are scaled so that the file's largest is 255.
/// Throws DataError that names `where`, field and byte offset.
[[nodiscard]] Image decode_pnm(std::span<const std::byte> file, const std::string& where);

}  // namespace wta
