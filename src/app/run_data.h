#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "wta/dataset.h"

namespace wta {

/// `given`, or where it names no data, the data that the run's config.toml says it was trained on, with
/// `given`'s label file if it has one; `seed` then becomes the run's. Throws InvalidArgument that starts with
/// `verb` where nothing names any data.
[[nodiscard]] DataOptions data_of_run(const std::string& verb, const std::filesystem::path& run,
                                      const DataOptions& given, std::uint64_t& seed);

}  // namespace wta
