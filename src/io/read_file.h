#pragma once
#include <cstddef>
#include <filesystem>
#include <vector>

namespace wta {

/// The whole content of a regular file. Throws IoError (missing, a folder, unreadable; with the system's
/// reason).
[[nodiscard]] std::vector<std::byte> read_file(const std::filesystem::path& path);

}  // namespace wta
