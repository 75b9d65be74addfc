#pragma once
#include <filesystem>
#include <string_view>

#include "io/descriptor.h"

namespace wta {

/// A file that grows, made where there is none. What append() has returned from outlives the process.
class AppendFile {
 public:
  /// hint: what the user can do when nothing can be written. Throws IoError that names the file.
  AppendFile(std::filesystem::path path, std::string_view hint);
  /// Throws IoError that names the file and the system's reason; a part may have been written.
  void append(std::string_view bytes);
  /// What was appended outlives the machine too.
  void sync();

 private:
  [[noreturn]] void fail(std::string_view action) const;

  std::filesystem::path path_;
  std::string_view hint_;
  Descriptor file_;
};

}  // namespace wta
