#include "io/event_records.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>

#include "io/crc32c.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::uint64_t kRecordLengthBytes = 8;
constexpr std::uint64_t kChecksumBytes = 4;

template <class Word>
std::string little_endian(Word word) {
  std::string bytes(sizeof word, '\0');
  std::memcpy(bytes.data(), &word, sizeof word);
  return bytes;
}

// A checksum as it is stored: turned and moved, so that one of data that holds checksums is still of use.
std::string checksum(std::string_view bytes) {
  constexpr std::uint32_t kMove = 0xa282ead8;
  return little_endian(std::rotr(crc32c(bytes), 15) + kMove);
}

[[noreturn]] void fail_reading_events(const std::filesystem::path& path, const std::string& reason) {
  throw IoError(fmt::format("{}: the event file cannot be read: {}. Try: check its permissions.",
                            path.string(), reason));
}

}  // namespace

std::string framed(std::string_view data) {
  const std::string length = little_endian(static_cast<std::uint64_t>(data.size()));
  return length + checksum(length) + std::string(data) + checksum(data);
}

RecordReader::RecordReader(const std::filesystem::path& path)
    : path_(path), file_(open_file(path, O_RDONLY)) {
  if (!file_.open()) fail_reading_events(path_, system_reason());
  std::error_code error;
  size_ = std::filesystem::file_size(path, error);
  if (error) fail_reading_events(path_, error.message());
}

std::optional<std::string> RecordReader::next() {
  const auto header = checked(kRecordLengthBytes);
  if (!header) return std::nullopt;
  std::uint64_t length = 0;
  std::memcpy(&length, header->data(), sizeof length);
  auto data = checked(length);
  if (data) offset_ += kRecordLengthBytes + kChecksumBytes + length + kChecksumBytes;
  return data;
}

// The next bytes, when they are there and answer to the checksum behind them.
std::optional<std::string> RecordReader::checked(std::uint64_t length) {
  const std::uint64_t left = size_ - offset_;  // no damaged length takes more memory than the file
  if (length > left || left - length < kChecksumBytes) return std::nullopt;
  std::string bytes(length, '\0');
  std::array<char, kChecksumBytes> stored{};
  if (!read(bytes) || !read(stored)) return std::nullopt;
  if (checksum(bytes) != std::string_view(stored.data(), stored.size())) return std::nullopt;
  return bytes;
}

// False where the file ends before.
bool RecordReader::read(std::span<char> bytes) {
  const std::optional<std::size_t> got = read_full(file_.get(), std::as_writable_bytes(bytes));
  if (!got) fail_reading_events(path_, system_reason());
  return *got == bytes.size();
}

}  // namespace wta
