#include "io/cifar.h"

#include <fmt/format.h>

#include "io/compressed.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::size_t kSide = 32;
constexpr std::size_t kPlane = kSide * kSide;
constexpr std::size_t kChannels = 3;
constexpr std::size_t kRecordBytes = 1 + kPlane * kChannels;
constexpr std::size_t kCifar100RecordBytes = kRecordBytes + 1;
constexpr std::size_t kMostCifarBytes = std::size_t{1} << 31;

std::vector<std::byte> read_records(const std::filesystem::path& path) {
  std::vector<std::byte> bytes = read_unpacked(path, kMostCifarBytes);
  if (!bytes.empty() && bytes.size() % kRecordBytes == 0) return bytes;
  if (!bytes.empty() && bytes.size() % kCifar100RecordBytes == 0)
    throw DataError(
        fmt::format("{}: a file of CIFAR-10 holds records of {} bytes; got {} bytes, {} records of "
                    "CIFAR-100. Try: save its images as .npy.",
                    path.string(), kRecordBytes, bytes.size(), bytes.size() / kCifar100RecordBytes));
  throw DataError(fmt::format(
      "{}: a file of CIFAR-10 holds one or more records of {} bytes; got {} bytes, {} records "
      "and {} bytes. Try: another copy of the file.",
      path.string(), kRecordBytes, bytes.size(), bytes.size() / kRecordBytes, bytes.size() % kRecordBytes));
}

std::uint8_t label_at(const std::vector<std::byte>& bytes, std::size_t offset,
                      const std::filesystem::path& path) {
  const auto label = static_cast<std::uint8_t>(bytes[offset]);
  if (label < 10) return label;
  throw DataError(fmt::format("{}: label (byte {}) must be in 0..9; got {}. Try: another copy of the file.",
                              path.string(), offset, label));
}

// Planes of one record to channels last.
void interleave(const std::byte* planes, std::uint8_t* image) {
  for (std::size_t pixel = 0; pixel < kPlane; ++pixel)
    for (std::size_t channel = 0; channel < kChannels; ++channel)
      *image++ = static_cast<std::uint8_t>(planes[channel * kPlane + pixel]);
}

}  // namespace

CifarImages read_cifar10(const std::vector<std::filesystem::path>& files) {
  std::vector<std::vector<std::byte>> contents;
  std::size_t records = 0;
  for (const std::filesystem::path& file : files) {
    contents.push_back(read_records(file));
    records += contents.back().size() / kRecordBytes;
  }
  CifarImages result{
      .images = Tensor<std::uint8_t>({static_cast<std::int64_t>(records), kSide, kSide, kChannels}),
      .labels = {}};
  result.labels.reserve(records);
  std::uint8_t* image = result.images.data();
  for (std::size_t f = 0; f < files.size(); ++f) {
    for (std::size_t at = 0; at < contents[f].size(); at += kRecordBytes, image += kRecordBytes - 1) {
      result.labels.push_back(label_at(contents[f], at, files[f]));
      interleave(contents[f].data() + at + 1, image);
    }
  }
  return result;
}

}  // namespace wta
