#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>

namespace wta {

/// `count` zeros in a file without a name in `folder`, mapped into memory: for tables larger than the memory.
/// The space on the disk is taken at once, so that writing cannot fail later; it is given back with the last
/// copy of the pointer, also when the process is killed. Throws IoError (the folder, or its disk, is too
/// small).
[[nodiscard]] std::shared_ptr<float> scratch_memory(const std::filesystem::path& folder, std::int64_t count);

}  // namespace wta
