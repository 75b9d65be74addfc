#include "io/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "io/descriptor.h"
#include "wta/error.h"

namespace wta {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& reason) {
  throw IoError(fmt::format("{}: the file cannot be read: {}. Try: another path.", path.string(), reason));
}

}  // namespace

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  const Descriptor file = open_file(path, O_RDONLY);
  if (!file.open()) fail(path, system_reason());
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) fail(path, system_reason());
  if (!S_ISREG(status.st_mode)) fail(path, "not a regular file");
  std::vector<std::byte> content(static_cast<std::size_t>(status.st_size));
  const std::optional<std::size_t> filled = read_full(file.get(), content);
  if (!filled) fail(path, system_reason());
  content.resize(*filled);
  return content;
}

std::vector<std::filesystem::path> read_folder(const std::filesystem::path& folder) {
  std::error_code failure = std::make_error_code(std::errc::interrupted);
  std::filesystem::directory_iterator entry;
  while (failure == std::errc::interrupted) entry = std::filesystem::directory_iterator(folder, failure);
  std::vector<std::filesystem::path> paths;
  for (; !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure)) {
    paths.push_back(entry->path());
  }
  if (!failure) return paths;
  throw IoError(fmt::format("{}: the folder cannot be read: {}. Try: check its permissions.", folder.string(),
                            failure.message()));
}

std::string read_text(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace wta
