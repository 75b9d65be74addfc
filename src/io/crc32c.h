#pragma once
#include <cstdint>
#include <string_view>

namespace wta {

/// CRC-32C (Castagnoli's polynomial), by which event files check their records. zlib's is another one.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

}  // namespace wta
