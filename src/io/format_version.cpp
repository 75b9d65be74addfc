#include "io/format_version.h"

#include <algorithm>
#include <string>

namespace wta {

bool has_major_version(std::string_view version, int major) {
  const std::size_t point = std::min(version.find('.'), version.size());
  if (version.substr(0, point) != std::to_string(major)) return false;
  if (point == version.size()) return true;
  const std::string_view minor = version.substr(point + 1);
  return !minor.empty() && std::ranges::all_of(minor, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace wta
