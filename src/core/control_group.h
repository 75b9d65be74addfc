#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

namespace wta {

/// Bytes that the control groups of this process (a container's, a batch system's) still leave it; nothing
/// where no group has a limit. Knows both versions: man 7 cgroups. `membership` and `groups` are where Linux
/// shows which groups a process is in, and the groups.
[[nodiscard]] std::optional<std::int64_t> group_memory_bytes(
    const std::filesystem::path& membership = "/proc/self/cgroup",
    const std::filesystem::path& groups = "/sys/fs/cgroup");

}  // namespace wta
