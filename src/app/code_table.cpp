#include "app/code_table.h"

#include <fmt/format.h>

#include <system_error>

#include "core/memory.h"
#include "io/scratch_memory.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

// Free bytes on the disk that the folder lies on, or will lie on; 0 when nothing says.
double free_disk_bytes(fs::path folder) {
  std::error_code error;
  for (folder = fs::absolute(folder); !fs::exists(folder, error) && folder.has_relative_path();) {
    folder = folder.parent_path();
  }
  const fs::space_info space = fs::space(folder, error);
  return error ? 0 : static_cast<double>(space.available);
}

}  // namespace

void require_room(const TableRoom& room, std::int64_t rows, std::int64_t cols, const std::string& where,
                  const std::string& suggestion) {
  if (fits_in_memory(rows, cols)) return;
  const double needed = static_cast<double>(rows) * static_cast<double>(cols) * sizeof(float);
  const double disk = free_disk_bytes(room.folder);
  if (needed <= disk) return;
  throw MemoryError(fmt::format(
      "{}: the codes must fit in memory, or else in a temporary file in {}; got {}, and {:.1f} GiB of disk. "
      "Try: {}.",
      where, room.folder.string(), describe_need(rows, cols), disk / (1 << 30), suggestion));
}

Tensor<float> make_table(const TableRoom& room, std::int64_t rows, std::int64_t cols,
                         const std::string& where, const std::string& suggestion) {
  if (fits_in_memory(rows, cols)) return Tensor<float>({rows, cols});
  require_room(room, rows, cols, where, suggestion);
  if (room.on_warning) {
    room.on_warning(fmt::format("{}: {}: they go to a temporary file in {}, which is slower", where,
                                describe_need(rows, cols), room.folder.string()));
  }
  return {Shape{rows, cols}, scratch_memory(room.folder, element_count({rows, cols}))};
}

}  // namespace wta
