#pragma once
#include <filesystem>

#include "data/source.h"

namespace wta {

/// What a file or a folder holds, whatever its kind (kind_of), with the labels that belong to it.
/// Throws IoError, DataError.
[[nodiscard]] Source read_source(const std::filesystem::path& path);

}  // namespace wta
