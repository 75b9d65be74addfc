#include "core/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>

#include "core/control_group.h"

namespace wta {
namespace {

// What everything else needs beside one large table.
constexpr std::int64_t kReserveBytes = std::int64_t{1} << 30;
constexpr double kBytesPerGib = 1024.0 * 1024.0 * 1024.0;
constexpr double kMostGib = 1 << 20;

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

std::optional<std::int64_t> environment_bytes() {
  const char* limit = std::getenv("WTA_MEMORY_GIB");
  const double gib = limit == nullptr ? 0 : std::atof(limit);
  if (!(gib > 0)) return std::nullopt;
  return static_cast<std::int64_t>(std::min(gib, kMostGib) * kBytesPerGib);
}

double bytes_of(std::int64_t rows, std::int64_t cols) {
  return static_cast<double>(rows) * static_cast<double>(cols) * sizeof(float);
}

}  // namespace

std::int64_t available_memory_bytes() {
  constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  const std::int64_t machine = meminfo_bytes("MemAvailable");
  const std::int64_t least =
      std::min({machine == 0 ? kNoLimit : machine, group_memory_bytes().value_or(kNoLimit),
                environment_bytes().value_or(kNoLimit)});
  return least == kNoLimit ? 0 : std::max<std::int64_t>(least, 1);
}

bool bytes_fit_in_memory(double bytes) {
  const std::int64_t available = available_memory_bytes();
  return available == 0 || bytes + kReserveBytes <= static_cast<double>(available);
}

std::string bytes_text(double bytes) {
  if (bytes >= kBytesPerGib) return fmt::format("{:.1f} GiB", bytes / kBytesPerGib);
  constexpr double kKib = 1024;
  if (bytes >= kKib * kKib) return fmt::format("{:.1f} MiB", bytes / (kKib * kKib));
  return fmt::format("{:.1f} KiB", bytes / kKib);
}

bool fits_in_memory(std::int64_t rows, std::int64_t cols) {
  return bytes_fit_in_memory(bytes_of(rows, cols));
}

std::string describe_need(std::int64_t rows, std::int64_t cols) {
  return fmt::format(
      "{} x {} float32 values take {:.1f} GiB (and 1 GiB for the rest), {:.1f} GiB of memory are free", rows,
      cols, bytes_of(rows, cols) / kBytesPerGib,
      static_cast<double>(available_memory_bytes()) / kBytesPerGib);
}

}  // namespace wta
