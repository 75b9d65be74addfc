#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace wta {

/// The whole content of a regular file. Throws IoError (missing, a folder, unreadable; with the system's
/// reason).
[[nodiscard]] std::vector<std::byte> read_file(const std::filesystem::path& path);
/// The same as text, and as its lines (streams would take lack of memory for the end of the file).
[[nodiscard]] std::string read_text(const std::filesystem::path& path);
[[nodiscard]] std::vector<std::string> read_lines(const std::filesystem::path& path);

/// What lies in a folder, in no order. Throws IoError.
[[nodiscard]] std::vector<std::filesystem::path> read_folder(const std::filesystem::path& folder);

}  // namespace wta
