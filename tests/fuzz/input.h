#pragma once
/// What the fuzz targets share. A target is libFuzzer's LLVMFuzzerTestOneInput on one reader; the ordinary
/// build links all of them under other names into fuzz_corpus, which replays tests/fuzz/corpus.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/input_file.h"
#include "wta/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace wta::fuzz {

inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program unless the message begins with `where`.
void require_named(const Error& refusal, std::string_view where);

/// Runs a reader: a `Refusal` that begins with `where` is as good as a value. Any other exception is a
/// defect.
template <class Refusal, class Read>
int may_refuse(std::string_view where, const Read& read) {
  try {
    read();
  } catch (const Refusal& refusal) {
    require_named(refusal, where);
  }
  return 0;
}

using testing_support::InputFile;

/// A folder for one input, in memory where the system has a place for that; removed with all that it holds.
class InputFolder {
 public:
  InputFolder();
  ~InputFolder();
  InputFolder(const InputFolder&) = delete;
  InputFolder& operator=(const InputFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes a file, and the folders above it.
  void write(const std::string& name, std::span<const std::byte> bytes) const;

 private:
  std::filesystem::path path_;
};

/// The first part of an input, up to a line's end, and what is behind it: for readers of several parts.
struct Parts {
  std::span<const std::byte> first;
  std::span<const std::byte> rest;
};
[[nodiscard]] Parts cut_line(std::span<const std::byte> bytes);

/// A safetensors file whose header is the first line and whose data is the rest, so that mutations need not
/// find a header's length.
[[nodiscard]] std::vector<std::byte> safetensors_of(std::span<const std::byte> bytes);

}  // namespace wta::fuzz
