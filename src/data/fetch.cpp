#include "data/fetch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/download.h"
#include "io/sha256.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

std::int64_t size_of(const fs::path& path) {
  std::error_code missing;
  const auto size = fs::file_size(path, missing);
  return missing ? 0 : static_cast<std::int64_t>(size);
}

fs::path part_of(const FetchPlan& plan, const PublishedFile& file) {
  return plan.folder / (file.name + ".part");
}

// Why the finished part is not the published file; empty when it is.
std::string difference(const fs::path& part, const PublishedFile& file) {
  const std::int64_t size = size_of(part);
  if (size != file.bytes) return fmt::format("the file has {} bytes instead of {}", size, file.bytes);
  const std::string sum = sha256_of_file(part);
  if (sum == file.sha256) return {};
  return fmt::format("the file's SHA-256 is {} instead of {}", sum, file.sha256);
}

// One try at one mirror; empty when the part now holds the published file, else the reason. A part that
// turned out wrong is removed; one that is merely unfinished stays for the next try.
std::string try_mirror(const FetchPlan& plan, const PublishedFile& file, const std::string& mirror,
                       const FetchProgressFunction& progress) {
  const fs::path part = part_of(plan, file);
  DownloadRequest request{.address = mirror + file.name,
                          .part = part,
                          .max_bytes = file.bytes,
                          .https_only = plan.rule == MirrorRule::https_only,
                          .progress = {}};
  if (progress)
    request.progress = [&](std::int64_t received) { progress({file.name, mirror, received, file.bytes}); };
  std::string stopped = download(request);
  if (!stopped.empty()) return stopped;
  std::string wrong = difference(part, file);
  if (!wrong.empty()) fs::remove(part);
  return wrong;
}

// As try_mirror; where an older part may be to blame, once more from the first byte.
std::string try_mirror_afresh(const FetchPlan& plan, const PublishedFile& file, const std::string& mirror,
                              const FetchProgressFunction& progress) {
  const fs::path part = part_of(plan, file);
  const bool resumed = size_of(part) > 0;
  std::string reason = try_mirror(plan, file, mirror, progress);
  const bool part_was_wrong = !reason.empty() && size_of(part) == 0;
  if (resumed && part_was_wrong) reason = try_mirror(plan, file, mirror, progress);
  return reason;
}

// A finished part needs no mirror; one that is too long, or as long but wrong, is of no use.
bool part_is_complete(const FetchPlan& plan, const PublishedFile& file) {
  const fs::path part = part_of(plan, file);
  if (size_of(part) < file.bytes) return false;
  if (difference(part, file).empty()) return true;
  fs::remove(part);
  return false;
}

// True when the folder holds the published file, or an unpacked copy of it (which has no published sum).
bool is_here(const FetchPlan& plan, const PublishedFile& file) {
  const auto found = find_published(plan.folder, file.name);
  if (!found) return false;
  return found->filename() != file.name || difference(*found, file).empty();
}

void fetch_file(const FetchPlan& plan, const PublishedFile& file, const FetchProgressFunction& progress) {
  bool complete = part_is_complete(plan, file);
  std::vector<std::string> reasons;
  for (const std::string& mirror : plan.mirrors) {
    if (complete) break;
    const std::string reason = try_mirror_afresh(plan, file, mirror, progress);
    complete = reason.empty();
    if (!complete) reasons.push_back(fmt::format("{}{}: {}", mirror, file.name, reason));
  }
  if (!complete)
    throw IoError(
        fmt::format("fetch {}: no mirror gave {}; tried {}. Try: check the network and run 'wta data fetch "
                    "{}' again (it goes on "
                    "where it stopped), or copy the files into {}, or use '--data digits'.",
                    plan.name, file.name, fmt::join(reasons, "; "), plan.name, plan.folder.string()));
  fs::rename(part_of(plan, file), plan.folder / file.name);
  if (progress) progress({file.name, "", file.bytes, file.bytes});
}

}  // namespace

void fetch_files(const FetchPlan& plan, const FetchProgressFunction& progress) {
  try {
    fs::create_directories(plan.folder);
    for (const PublishedFile& file : plan.files)
      if (!is_here(plan, file)) fetch_file(plan, file, progress);
  } catch (const fs::filesystem_error& error) {
    throw IoError(fmt::format("fetch {}: {}: {}. Try: a cache folder that can be written (XDG_CACHE_HOME).",
                              plan.name, error.path1().string(), error.code().message()));
  }
}

std::filesystem::path fetch_dataset(std::string_view name, const FetchProgressFunction& progress) {
  const RegisteredDataset& entry = require_dataset(name);
  if (entry.files.empty())
    throw InvalidArgument(fmt::format(
        "fetch: {} is built in, there is nothing to download. Try: '--data {}'.", entry.name, entry.name));
  if (entry.mirrors.empty()) {
    if (const auto folder = complete_folder(entry)) return *folder;
    throw IoError(
        fmt::format("fetch {}: the set's home serves no files that could be checked and used as they "
                    "are. Try: {}.",
                    entry.name, entry.how_to_get));
  }
  const auto cache = cache_folder();
  if (!cache)
    throw IoError(
        fmt::format("fetch {}: there is no cache folder, as neither XDG_CACHE_HOME nor HOME is set. Try: "
                    "set one of them.",
                    entry.name));
  FetchPlan plan{entry.name, entry.files, entry.mirrors, *cache / entry.name, MirrorRule::https_only};
  fetch_files(plan, progress);
  return plan.folder;
}

}  // namespace wta
