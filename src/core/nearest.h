#pragma once
#include <span>
#include <string>
#include <string_view>

namespace wta {

/// The candidate with the smallest edit distance to `name`; the first one on a tie, "" without candidates.
[[nodiscard]] std::string nearest(std::string_view name, std::span<const std::string> candidates);

}  // namespace wta
