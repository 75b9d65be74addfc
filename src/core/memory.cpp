#include "core/memory.h"

#include <fmt/format.h>

#include <fstream>
#include <limits>

#include "wta/error.h"

namespace wta {
namespace {

// What everything else needs beside one large table.
constexpr std::int64_t kReserveBytes = std::int64_t{1} << 30;
constexpr double kBytesPerGib = 1024.0 * 1024.0 * 1024.0;

// A line "name: N kB" of /proc/meminfo.
std::int64_t meminfo_bytes(const std::string& name) {
  std::ifstream stream("/proc/meminfo");
  for (std::string word; stream >> word;) {
    std::int64_t kib = 0;
    if (word == name + ":" && stream >> kib) return kib * 1024;
    stream.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

}  // namespace

std::int64_t available_memory_bytes() {
  return meminfo_bytes("MemAvailable");
}

void require_memory(std::int64_t rows, std::int64_t cols, const std::string& where,
                    const std::string& suggestion) {
  const std::int64_t available = available_memory_bytes();
  const double needed = static_cast<double>(rows) * static_cast<double>(cols) * sizeof(float);
  if (available == 0 || needed + kReserveBytes <= static_cast<double>(available)) return;
  throw MemoryError(fmt::format(
      "{}: {} x {} float32 values must fit in memory; they take {:.1f} GiB (and 1 GiB for the rest), {:.1f} "
      "GiB "
      "are free. Try: {}.",
      where, rows, cols, needed / kBytesPerGib, static_cast<double>(available) / kBytesPerGib, suggestion));
}

}  // namespace wta
