#include "io/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "io/jpeg.h"
#include "io/png.h"
#include "io/pnm.h"
#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

bool starts_with(std::span<const std::byte> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

}  // namespace

bool has_image_name(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 5> kExtensions = {".png", ".jpg", ".jpeg", ".ppm", ".pgm"};
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(kExtensions, extension) != kExtensions.end();
}

Image read_image(const std::filesystem::path& path) {
  const std::vector<std::byte> file = read_file(path);
  const std::string where = path.string();
  if (starts_with(file, "\x89PNG")) return decode_png(file, where);
  if (starts_with(file, "\xFF\xD8\xFF")) return decode_jpeg(file, where);
  if (starts_with(file, "P5") || starts_with(file, "P6")) return decode_pnm(file, where);
  throw DataError(
      fmt::format("{}: an image must be a PNG, a JPEG, or a binary PGM (P5) or PPM (P6); its first bytes are "
                  "of none. Try: convert it to PNG.",
                  where));
}

void require_image_size(std::int64_t height, std::int64_t width, const std::string& where) {
  constexpr std::int64_t kLargestSide = 1 << 16;
  constexpr std::int64_t kMostPixels = 1LL << 28;
  if (std::min(height, width) >= 1 && std::max(height, width) <= kLargestSide &&
      height * width <= kMostPixels) {
    return;
  }
  throw DataError(
      fmt::format("{}: an image may have 2^28 pixels and sides from 1 to {}; got {} x {}. Try: a "
                  "smaller one.",
                  where, kLargestSide, height, width));
}

void require_image_bytes(std::int64_t height, std::int64_t width, std::size_t bytes, std::int64_t most,
                         const std::string& where) {
  if (height * width / most <= static_cast<std::int64_t>(bytes)) return;
  throw DataError(fmt::format(
      "{}: an image of {} x {} pixels, as its header says, takes {} bytes or more; got {}. Try: another "
      "copy of the file.",
      where, height, width, height * width / most, bytes));
}

}  // namespace wta
