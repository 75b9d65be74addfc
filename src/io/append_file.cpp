#include "io/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "wta/error.h"

namespace wta {

AppendFile::AppendFile(std::filesystem::path path, std::string_view hint)
    : path_(std::move(path)), hint_(hint), file_(open_file(path_, O_WRONLY | O_CREAT | O_APPEND)) {
  if (!file_.open()) fail("opened");
}

void AppendFile::append(std::string_view bytes) {
  if (!write_all(file_.get(), std::as_bytes(std::span(bytes)))) fail("written");
}

void AppendFile::sync() {
  if (uninterrupted([&] { return fsync(file_.get()); }) != 0) fail("written");
}

void AppendFile::fail(std::string_view action) const {
  const std::string reason = system_reason();
  throw IoError(
      fmt::format("{}: the file could not be {}: {}. Try: {}.", path_.string(), action, reason, hint_));
}

}  // namespace wta
