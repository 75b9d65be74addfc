#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "io/any_tensor.h"

namespace wta {

/// The content of a safetensors file (docs/formats.md): named tensors and text metadata.
struct TensorFile {
  std::map<std::string, AnyTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Metadata key under which write_safetensors records the hex SHA-256 of the data part.
inline constexpr const char* kDataSha256 = "data_sha256";

/// Writes atomically (io/atomic_file.h): a reader sees the old file or the new one, whole. Sets kDataSha256.
/// The same content gives the same bytes. Throws IoError (names the file and the system's reason).
void write_safetensors(const std::filesystem::path& path, const TensorFile& content);

/// Reads and checks every rule of the format, and kDataSha256 when present.
/// Throws IoError (missing, unreadable), DataError (names file, field and byte offset).
[[nodiscard]] TensorFile read_safetensors(const std::filesystem::path& path);

}  // namespace wta
