#pragma once
/// Open files as the system knows them. Calls that a signal interrupts are made again.

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace wta {

/// An open file, or none (below 0), closed on every way out.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { (void)close(); }

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }
  /// The number, which somebody else closes.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }
  /// False: the system could not keep what was written, and errno says why.
  [[nodiscard]] bool close();

 private:
  int number_ = -1;
};

/// `call`'s result, where -1 stands for failure (errno).
template <class Call>
auto uninterrupted(const Call& call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/// As open(2) with O_CLOEXEC; not open(): errno says why.
[[nodiscard]] Descriptor open_file(const std::filesystem::path& path, int flags);
/// Writes all of the bytes; false: errno says why.
[[nodiscard]] bool write_all(int file, std::span<const std::byte> bytes);
/// Reads until the bytes are full or the file ends, and returns how many it read; nullopt: errno says why.
[[nodiscard]] std::optional<std::size_t> read_full(int file, std::span<std::byte> bytes);
/// Takes the lock of an open file at once or not at all; the system takes it back when the file is closed or
/// its process ends. False: errno says why, EWOULDBLOCK that another open file has it.
[[nodiscard]] bool lock_now(const Descriptor& file);
/// What errno says.
[[nodiscard]] std::string system_reason();

}  // namespace wta
