#pragma once
#include <filesystem>
#include <string>

#include "io/safetensors.h"
#include "wta/model.h"

namespace wta {

/// Format of model.safetensors; a file with a newer major version is refused by name.
inline constexpr int kModelFormatVersion = 1;

/// The model as tensors and metadata, and back. `where` is the file that messages name.
[[nodiscard]] TensorFile to_tensor_file(const Model& model);
[[nodiscard]] Model from_tensor_file(const TensorFile& file, const std::string& where);

}  // namespace wta
