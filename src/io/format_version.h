#pragma once
#include <string_view>

namespace wta {

/// True for MAJOR and MAJOR.MINOR, whatever the minor version: a newer one only adds what older programs may
/// pass over.
[[nodiscard]] bool has_major_version(std::string_view version, int major);

}  // namespace wta
