#pragma once
/// Arrays of files as samples.

#include <filesystem>
#include <string_view>

#include "io/any_tensor.h"
#include "wta/dataset.h"

namespace wta {

enum class FileKind { npy, npz, idx, cifar10, mat, image, mnist_folder, cifar10_folder, image_folder };

/// What a path holds, by extension, else by its first bytes and name. Throws DataError that lists the kinds.
[[nodiscard]] FileKind kind_of(const std::filesystem::path& path);

/// u8 stays u8, float32 stays; every other type becomes float32. `where` starts the message of a DataError
/// (no sample, an unknown shape).
[[nodiscard]] Samples to_samples(AnyTensor tensor, std::string_view where);

[[nodiscard]] Samples read_npy_samples(const std::filesystem::path& path);
[[nodiscard]] Samples read_idx_samples(const std::filesystem::path& path);

}  // namespace wta
