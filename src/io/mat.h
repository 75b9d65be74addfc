#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "io/any_tensor.h"

namespace wta {

/// The real numeric arrays of a MATLAB v5 file (save -v6 or -v7), by name; other variables are passed over.
/// MATLAB's first index runs fastest, so an array [a,b,c] there is the tensor [c,b,a] here.
/// Throws IoError, DataError (another version, damaged, cut short, more than 2^32 values: names the file).
[[nodiscard]] std::map<std::string, AnyTensor> read_mat(const std::filesystem::path& path);

}  // namespace wta
