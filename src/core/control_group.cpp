#include "core/control_group.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>

namespace wta {
namespace {

// Names in one version of control groups. Cached pages of files count as taken, but Linux gives them up when
// memory runs short.
struct Version {
  std::string_view controller;  ///< in a line "ID:CONTROLLER,CONTROLLER:PATH" of the membership
  std::string_view folder;      ///< with a slash before it
  std::string_view limit;
  std::string_view taken;
  std::string_view cached;  ///< in memory.stat, in two lists
  std::string_view cached_too;
};
constexpr Version kVersions[] = {
    {"", "", "memory.max", "memory.current", "inactive_file", "active_file"},
    {"memory", "/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file",
     "total_active_file"},
};

// Nothing for a file that is not there, and for the word "max".
std::optional<std::int64_t> number_in(const std::string& path) {
  std::ifstream stream(path);
  std::int64_t number = 0;
  if (stream >> number) return number;
  return std::nullopt;
}

// Of lines "NAME NUMBER".
std::int64_t cached_bytes(const std::string& statistics, const Version& version) {
  std::ifstream stream(statistics);
  std::int64_t sum = 0;
  std::int64_t number = 0;
  for (std::string name; stream >> name >> number;) {
    if (name == version.cached || name == version.cached_too) sum += number;
  }
  return sum;
}

bool lists(std::string_view controllers, std::string_view wanted) {
  while (true) {
    const std::size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == wanted) return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
}

// "/a/c" of "/a/./b/../c/", "" of "/". By hand: when memory runs out, libstdc++'s path (12) frees what is not
// its own as it appends to one that ends with a slash.
std::string normal(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part == "..") {
      result.resize(result.empty() ? 0 : result.rfind('/'));
    } else if (!part.empty() && part != ".") {
      result.append("/").append(part);
    }
  }
  return result;
}

// The path of the group that has the controller, as `normal` gives it.
std::optional<std::string> group_path(const std::filesystem::path& membership, std::string_view controller) {
  std::ifstream stream(membership);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    if (!lists(std::string_view(line).substr(first + 1, second - first - 1), controller)) continue;
    return normal(std::string_view(line).substr(second + 1));
  }
  return std::nullopt;
}

// group: a folder, with a slash behind it.
std::optional<std::int64_t> left_in(const std::string& group, const Version& version) {
  const std::optional<std::int64_t> limit = number_in(group + std::string(version.limit));
  if (!limit) return std::nullopt;
  const std::int64_t taken = number_in(group + std::string(version.taken)).value_or(0);
  const std::int64_t cached = cached_bytes(group + "memory.stat", version);
  return std::max<std::int64_t>(*limit - std::max<std::int64_t>(taken - cached, 0), 0);
}

}  // namespace

// Limits of the groups above hold as well. In a container the path may be the host's: then only the folder
// of the groups is there, and that is the container's.
std::optional<std::int64_t> group_memory_bytes(const std::filesystem::path& membership,
                                               const std::filesystem::path& groups) {
  std::optional<std::int64_t> least;
  for (const Version& version : kVersions) {
    std::optional<std::string> group = group_path(membership, version.controller);
    if (!group) continue;
    const std::string root = groups.string() + std::string(version.folder);
    while (true) {
      const std::optional<std::int64_t> left = left_in(root + *group + "/", version);
      if (left) least = std::min(*left, least.value_or(*left));
      if (group->empty()) break;
      group->resize(group->rfind('/'));
    }
  }
  return least;
}

}  // namespace wta
