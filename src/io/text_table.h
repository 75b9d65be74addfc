#pragma once
#include <filesystem>

#include "wta/tensor.h"

namespace wta {

/// Numbers in lines of equal length, separated by blanks; plain, .gz or .xz. [lines, numbers of a line].
/// Throws IoError, DataError (not a finite number, lines of different lengths, more than 1 GiB: names file
/// and line).
[[nodiscard]] Tensor<float> read_text_table(const std::filesystem::path& path);

}  // namespace wta
