#pragma once
#include <filesystem>

#include "data/source.h"
#include "wta/context.h"

namespace wta {

/// What a file or a folder holds, whatever its kind (kind_of), with the labels that belong to it.
/// Throws IoError, DataError, Interrupted.
[[nodiscard]] Source read_source(const std::filesystem::path& path, const Context& context);

}  // namespace wta
