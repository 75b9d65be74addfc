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

/// Metadata keys under which write_safetensors records the hex SHA-256 of the data part, that of the rest of
/// the header (as JSON without spaces, keys sorted, kHeaderSha256 left out), and the names of these two, so
/// that no damage passes that hides one of them.
inline constexpr const char* kDataSha256 = "data_sha256";
inline constexpr const char* kHeaderSha256 = "header_sha256";
inline constexpr const char* kChecksums = "checksums";

/// Writes atomically (io/atomic_file.h): a reader sees the old file or the new one, whole. Sets the
/// checksums. The same content gives the same bytes. Throws IoError (names the file and the system's reason).
void write_safetensors(const std::filesystem::path& path, const TensorFile& content);

/// Reads and checks every rule of the format, and the checksums that are there; files of other programs have
/// none. F16 and BF16 become float. Throws IoError (missing, unreadable), DataError (names file, field and
/// byte offset).
[[nodiscard]] TensorFile read_safetensors(const std::filesystem::path& path);

/// The bytes that write_safetensors would write, in memory.
[[nodiscard]] std::vector<std::byte> to_safetensors_bytes(const TensorFile& content);

/// Reads them again; `where` is what messages name. Throws DataError as read_safetensors.
[[nodiscard]] TensorFile from_safetensors_bytes(std::span<const std::byte> bytes, const std::string& where);

}  // namespace wta
