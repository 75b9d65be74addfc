#pragma once
#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

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

/// Reads and checks every rule of the format, and kDataSha256 when present. F16 and BF16 become float.
/// Throws IoError (missing, unreadable), DataError (names file, field and byte offset).
[[nodiscard]] TensorFile read_safetensors(const std::filesystem::path& path);

/// The bytes that write_safetensors would write, in memory.
[[nodiscard]] std::vector<std::byte> to_safetensors_bytes(const TensorFile& content);

/// Reads them again; `where` is what messages name. Throws DataError as read_safetensors.
[[nodiscard]] TensorFile from_safetensors_bytes(std::span<const std::byte> bytes, const std::string& where);

}  // namespace wta
