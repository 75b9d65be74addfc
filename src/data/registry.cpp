#include "data/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "core/nearest.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

// `file` without .gz or .xz.
std::string_view unpacked_name(std::string_view file) {
  for (const std::string_view packed : {".gz", ".xz"})
    if (file.ends_with(packed)) return file.substr(0, file.size() - packed.size());
  return file;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::vector<std::string> number_names(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

const RegisteredDataset* find_dataset(std::string_view name) {
  for (const RegisteredDataset& entry : registered_datasets())
    if (entry.name == name) return &entry;
  return nullptr;
}

const RegisteredDataset& require_dataset(std::string_view name) {
  if (const RegisteredDataset* entry = find_dataset(name)) return *entry;
  std::vector<std::string> names;
  for (const RegisteredDataset& entry : registered_datasets()) names.push_back(entry.name);
  throw InvalidArgument(
      fmt::format("data: must be a known name ({}) or the path of a file; got '{}'. Try: '{}'.",
                  fmt::join(names, ", "), name, nearest(name, names)));
}

std::optional<std::filesystem::path> cache_folder() {
  // The XDG rule: a path that is not absolute is as good as none.
  const std::filesystem::path cache = environment("XDG_CACHE_HOME");
  if (cache.is_absolute()) return cache / "wta";
  const std::filesystem::path home = environment("HOME");
  if (home.is_absolute()) return home / ".cache" / "wta";
  return std::nullopt;
}

std::vector<std::filesystem::path> candidate_folders(std::string_view name) {
  std::vector<std::filesystem::path> folders;
  const std::string own = environment("WTA_DATA");
  if (!own.empty()) folders.push_back(std::filesystem::path(own) / name);
  if (const auto cache = cache_folder()) folders.push_back(*cache / name);
  return folders;
}

std::optional<std::filesystem::path> find_published(const std::filesystem::path& folder,
                                                    std::string_view file) {
  const std::string plain(unpacked_name(file));
  for (const std::string& name : {std::string(file), plain, plain + ".gz", plain + ".xz"}) {
    std::error_code ignored;
    const std::filesystem::path path = folder / name;
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  return std::nullopt;
}

std::vector<std::string> missing_files(const RegisteredDataset& entry, const std::filesystem::path& folder) {
  std::vector<std::string> missing;
  for (const PublishedFile& file : entry.files)
    if (!find_published(folder, file.name)) missing.push_back(file.name);
  return missing;
}

std::optional<std::filesystem::path> complete_folder(const RegisteredDataset& entry) {
  for (const std::filesystem::path& folder : candidate_folders(entry.name))
    if (missing_files(entry, folder).empty()) return folder;
  return std::nullopt;
}

std::string way_to_get(const RegisteredDataset& entry) {
  return entry.mirrors.empty() ? entry.how_to_get : fmt::format("wta data fetch {}", entry.name);
}

std::vector<DatasetInfo> known_datasets() {
  std::vector<DatasetInfo> result;
  for (const RegisteredDataset& entry : registered_datasets()) {
    DatasetInfo info{entry.name,
                     entry.description,
                     entry.train_count,
                     entry.test_count,
                     entry.sample_shape,
                     entry.class_names,
                     0,
                     way_to_get(entry),
                     entry.licence,
                     entry.citation,
                     entry.home,
                     is_available(entry.name)};
    if (!entry.mirrors.empty())
      for (const PublishedFile& file : entry.files) info.download_bytes += file.bytes;
    result.push_back(std::move(info));
  }
  return result;
}

bool is_available(std::string_view name) {
  const RegisteredDataset& entry = require_dataset(name);
  return entry.files.empty() || complete_folder(entry).has_value();
}

}  // namespace wta
