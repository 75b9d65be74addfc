#pragma once
#include <filesystem>

#include "io/any_tensor.h"

namespace wta {

/// Reads an idx file; plain, .gz or .xz (recognised by content). Throws IoError, DataError (wrong magic,
/// truncated, trailing bytes, larger unpacked than its header says: names file, field and byte offset).
[[nodiscard]] AnyTensor read_idx(const std::filesystem::path& path);

}  // namespace wta
