#pragma once
#include <filesystem>

#include "io/descriptor.h"

namespace wta {

/// The right to write where only one process may, for as long as the object lives. The system takes it back
/// when the process ends, however that happens, so that no lock is ever left behind.
class FileLock {
 public:
  enum class State {
    held,
    taken,       ///< by another process, or another object of this one
    unsupported  ///< the file system knows no locks
  };
  /// Takes the lock of the file at once or not at all; makes the file, which stays and is empty, where it is
  /// missing. Throws IoError.
  explicit FileLock(const std::filesystem::path& path);

  [[nodiscard]] State state() const { return state_; }

 private:
  Descriptor file_;
  State state_ = State::held;
};

}  // namespace wta
