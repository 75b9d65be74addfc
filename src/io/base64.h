#pragma once
#include <cstddef>
#include <span>
#include <string>

namespace wta {

/// The bytes as base64 (RFC 4648), padded, on one line.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

}  // namespace wta
