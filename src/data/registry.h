#pragma once
/// The data sets that have a name.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/source.h"
#include "wta/tensor.h"

namespace wta {

/// A file as its authors published it, or the content of one whose packed form is not theirs.
struct PublishedFile {
  std::string name;
  std::int64_t bytes = 0;
  std::string sha256;  ///< empty where it is not published
};

struct RegisteredDataset {
  std::string name;
  std::string description;
  std::int64_t train_count = 0;
  std::int64_t test_count = 0;
  Shape sample_shape;
  std::vector<std::string> class_names;
  std::vector<PublishedFile> files;  ///< none: built in
  std::vector<std::string> mirrors;  ///< https addresses of folders, to be tried in turn; end in '/'
  std::string how_to_get;            ///< of a set without mirrors: where it is, and how to lay it out
  std::function<Source(const std::filesystem::path& folder)> read;  ///< of a set with files
  std::string licence;
  std::string citation;
  std::string home;
};

[[nodiscard]] const std::vector<RegisteredDataset>& registered_datasets();

/// The entry of that name, or null.
[[nodiscard]] const RegisteredDataset* find_dataset(std::string_view name);
/// The entry of that name; throws InvalidArgument with the nearest name and the list of all.
[[nodiscard]] const RegisteredDataset& require_dataset(std::string_view name);

/// "0" .. "count - 1".
[[nodiscard]] std::vector<std::string> number_names(int count);

/// The user's cache folder of data sets: $XDG_CACHE_HOME/wta or ~/.cache/wta; none without a home.
[[nodiscard]] std::optional<std::filesystem::path> cache_folder();
/// Where the files of a named set may lie, the first one first: $WTA_DATA/name, cache/name.
[[nodiscard]] std::vector<std::filesystem::path> candidate_folders(std::string_view name);
/// `folder/file`, or the same content plain, as .gz or as .xz; none when it is there in no form.
[[nodiscard]] std::optional<std::filesystem::path> find_published(const std::filesystem::path& folder,
                                                                  std::string_view file);

/// Names of the set's files that the folder lacks.
[[nodiscard]] std::vector<std::string> missing_files(const RegisteredDataset& entry,
                                                     const std::filesystem::path& folder);
/// The first candidate folder that holds every file; none when there is no such folder.
[[nodiscard]] std::optional<std::filesystem::path> complete_folder(const RegisteredDataset& entry);
/// What to do for a set that is not here: a command, or where to find it and how to lay it out.
[[nodiscard]] std::string way_to_get(const RegisteredDataset& entry);

}  // namespace wta
