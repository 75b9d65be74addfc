/// A folder of images: each file is a byte that names it, a byte of its length, and its content.
#include <algorithm>
#include <array>

#include "data/image_folder.h"
#include "fuzz/input.h"

namespace {

constexpr std::array<const char*, 12> kNames = {
    "1.png",       "2.pgm",      "3.ppm",           "cat/1.pgm",      "cat/deep/2.pgm", "dog/1.pgm",
    "train/1.pgm", "test/1.pgm", "train/cat/1.pgm", "test/dog/1.pgm", ".hidden",        "notes.txt"};

void fill(const wta::fuzz::InputFolder& folder, std::span<const std::byte> bytes) {
  while (bytes.size() >= 2) {
    const char* name = kNames[static_cast<std::size_t>(bytes[0]) % kNames.size()];
    const std::size_t length = std::min(static_cast<std::size_t>(bytes[1]), bytes.size() - 2);
    folder.write(name, bytes.subspan(2, length));
    bytes = bytes.subspan(2 + length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wta;
  const fuzz::InputFolder folder;
  fill(folder, fuzz::bytes_of(data, size));
  return fuzz::may_refuse<DataError>(
      folder.path().string(), [&] { (void)to_source(read_image_folder(folder.path(), {.threads = 1})); });
}
