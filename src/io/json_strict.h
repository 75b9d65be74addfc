#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace wta {

/// Parses untrusted JSON: at most 64 levels deep, no duplicate keys, nothing behind the value.
/// Throws DataError that starts with `where`.
[[nodiscard]] nlohmann::json parse_json(std::string_view text, const std::string& where);

}  // namespace wta
