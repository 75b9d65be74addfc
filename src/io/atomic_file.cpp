#include "io/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <utility>

#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".tmp";

[[noreturn]] void fail_saving(const fs::path& path, std::string_view action) {
  const std::string reason = system_reason();
  throw IoError(fmt::format("{}: the file could not be {}: {}. Try: free disk space, or another folder.",
                            path.string(), action, reason));
}

// Unique among the processes and objects that may save to the same name.
fs::path temporary_name(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  fs::path name = path;
  name += fmt::format(".{}-{}{}", getpid(), counter++, kSuffix);
  return name;
}

// NAME.PID-N.tmp
bool is_temporary_name(std::string_view name) {
  if (!name.ends_with(kSuffix)) return false;
  name.remove_suffix(kSuffix.size());
  const std::size_t dot = name.rfind('.');
  const std::size_t dash = name.rfind('-');
  if (dot == std::string_view::npos || dash == std::string_view::npos || dash < dot) return false;
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return is_number(name.substr(dot + 1, dash - dot - 1)) && is_number(name.substr(dash + 1));
}

bool is_device(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::is_other(status);
}

// Where a link leads to.
fs::path target_of(fs::path path) {
  std::error_code failure;
  if (!fs::is_symlink(path, failure)) return path;
  fs::path target = fs::canonical(path, failure);
  return failure ? path : target;
}

void sync_folder(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const Descriptor file = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!file.open()) fail_saving(path, "made durable");
  const int result = uninterrupted([&] { return fsync(file.get()); });
  // Some file systems cannot sync a folder and say so.
  if (result != 0 && errno != EINVAL && errno != ENOTSUP) fail_saving(path, "made durable");
}

}  // namespace

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  if (is_device(path_)) {
    file_ = open_file(path_, O_WRONLY);
  } else {
    path_ = target_of(std::move(path_));
    open_temporary();
  }
  if (!file_.open()) fail_saving(path_, "created");
}

// A process of the same number may have died here: in containers, numbers repeat.
void AtomicFile::open_temporary() {
  constexpr int kMostStale = 1000;
  for (int i = 0; i < kMostStale; ++i) {
    fs::path name = temporary_name(path_);
    file_ = open_file(name, O_WRONLY | O_CREAT | O_EXCL);
    if (file_.open()) temporary_ = std::move(name);
    if (file_.open() || errno != EEXIST) break;
  }
  // Others see by the lock that this process lives. Where the file system has none, nobody is seen to be
  // gone.
  if (file_.open()) (void)lock_now(file_);
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (!write_all(file_.get(), bytes)) fail_saving(path_, "written");
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text.data(), text.size())));
}

void AtomicFile::commit() {
  const bool atomic = !temporary_.empty();
  if (atomic && uninterrupted([&] { return fsync(file_.get()); }) != 0) fail_saving(path_, "written");
  if (!file_.close()) fail_saving(path_, "written");
  if (!atomic) return;
  if (uninterrupted([&] { return rename(temporary_.c_str(), path_.c_str()); }) != 0)
    fail_saving(path_, "renamed");
  temporary_.clear();
  sync_folder(path_);
}

void write_text(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void remove_stale_temporaries(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return;
  for (const fs::path& path : read_folder(folder)) {
    if (!is_temporary_name(path.filename().string())) continue;
    const Descriptor file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (file.open() && lock_now(file)) unlink(path.c_str());
  }
}

}  // namespace wta
