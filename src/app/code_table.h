#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "wta/tensor.h"

namespace wta {

/// Where a table goes that does not fit in memory, and who is told of it.
struct TableRoom {
  std::filesystem::path folder;  ///< need not exist yet to be asked for its space
  std::function<void(const std::string&)> on_warning;
};

/// Throws MemoryError when a table of rows x cols float32 values fits neither in memory nor on the disk of
/// the folder. `where` begins the message, `suggestion` ends it.
void require_room(const TableRoom& room, std::int64_t rows, std::int64_t cols, const std::string& where,
                  const std::string& suggestion);

/// [rows, cols] zeros: in memory where they fit, else in a temporary file in the folder (scratch_memory),
/// which takes the same bits and more time. Throws as require_room; IoError.
[[nodiscard]] Tensor<float> make_table(const TableRoom& room, std::int64_t rows, std::int64_t cols,
                                       const std::string& where, const std::string& suggestion);

}  // namespace wta
