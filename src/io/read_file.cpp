#include "io/read_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "io/descriptor.h"
#include "wta/error.h"

namespace wta {
namespace {

[[noreturn]] void fail_reading(const std::filesystem::path& path, const std::string& reason) {
  throw IoError(fmt::format("{}: the file cannot be read: {}. Try: another path.", path.string(), reason));
}

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  const Descriptor file = open_file(path, O_RDONLY);
  if (!file.open()) fail_reading(path, system_reason());
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) fail_reading(path, system_reason());
  if (!S_ISREG(status.st_mode)) fail_reading(path, "not a regular file");
  std::vector<std::byte> content(static_cast<std::size_t>(status.st_size));
  const std::optional<std::size_t> filled = read_full(file.get(), content);
  if (!filled) fail_reading(path, system_reason());
  content.resize(*filled);
  return content;
}

// By the system's own calls: std::filesystem::directory_iterator ends the program where memory runs out.
std::vector<std::filesystem::path> read_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  Descriptor file = open_file(folder, O_RDONLY | O_DIRECTORY);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(file.open() ? fdopendir(file.get()) : nullptr, closedir);
  if (!entries) fail_reading(folder, system_reason());
  (void)file.release();  // closed with the entries now
  while (true) {
    errno = 0;
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr && errno != 0) fail_reading(folder, system_reason());
    if (entry == nullptr) return paths;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") paths.push_back(folder / name);
  }
}

std::string read_text(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace wta
