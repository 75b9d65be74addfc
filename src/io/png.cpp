#include "io/png.h"

#include <fmt/format.h>
#include <png.h>

#include <array>
#include <string_view>

#include "io/atomic_file.h"
#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

// Deflate makes at most 1,032 bytes of one.
constexpr std::int64_t kMostBitsOfByte = std::int64_t{1032} * 8;

// libpng's simplified interface: no longjmp reaches our frames; its memory is freed here.
struct PngImage {
  png_image image{};
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

// What the header chunk says, which libpng has read by then: bits of a value and kind of colour.
std::int64_t bits_of_pixel(std::span<const std::byte> file) {
  constexpr std::size_t kDepth = 24;
  constexpr std::array<std::int64_t, 7> kValues = {1, 1, 3, 1, 2, 1, 4};  // of a pixel of each kind
  return static_cast<std::int64_t>(file[kDepth]) * kValues.at(static_cast<std::size_t>(file[kDepth + 1]));
}

// The first channels - 1 values of each pixel, moved together.
void drop_last_channel(std::vector<std::uint8_t>& pixels, std::size_t channels) {
  const std::size_t count = pixels.size() / channels;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c + 1 < channels; ++c) pixels[i * (channels - 1) + c] = pixels[i * channels + c];
  pixels.resize(count * (channels - 1));
}

// The simplified interface stops reading at the last pixel, so a file without its end would pass.
bool has_end(std::span<const std::byte> file) {
  constexpr std::string_view kEndChunk("\0\0\0\0IEND\xAE\x42\x60\x82", 12);
  return std::string_view(reinterpret_cast<const char*>(file.data()), file.size()).rfind(kEndChunk) !=
         std::string_view::npos;
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image, const std::string& where) {
  PngImage png;
  png.image.width = static_cast<png_uint_32>(image.width);
  png.image.height = static_cast<png_uint_32>(image.height);
  png.image.format = image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  std::vector<std::byte> bytes(PNG_IMAGE_PNG_SIZE_MAX(png.image));
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&png.image, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0) {
    throw IoError(
        fmt::format("{}: the picture could not be encoded: {}. Try: fewer tiles.", where, png.image.message));
  }
  bytes.resize(size);
  return bytes;
}

void write_png(const std::filesystem::path& path, const Image& image) {
  const std::vector<std::byte> bytes = encode_png(image, path.string());
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

Image read_png(const std::filesystem::path& path) {
  return decode_png(read_file(path), path.string());
}

Image decode_png(std::span<const std::byte> file, const std::string& where) {
  PngImage png;
  const auto require = [&](int result) {
    if (result == 0) {
      throw DataError(fmt::format("{}: not a PNG picture: {}. Try: another file.", where, png.image.message));
    }
  };
  require(png_image_begin_read_from_memory(&png.image, file.data(), file.size()));
  require_image_size(png.image.height, png.image.width, where);
  require_image_bytes(png.image.height, png.image.width, file.size(), kMostBitsOfByte / bits_of_pixel(file),
                      where);
  const bool colour = (png.image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  const bool alpha = (png.image.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  png.image.format = (colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY) | (alpha ? PNG_FORMAT_FLAG_ALPHA : 0U);
  png.image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits lie on the same scale as 8
  Image image{.height = png.image.height, .width = png.image.width, .channels = colour ? 3 : 1, .pixels = {}};
  image.pixels.resize(PNG_IMAGE_SIZE(png.image));
  require(png_image_finish_read(&png.image, nullptr, image.pixels.data(), 0, nullptr));
  if (!has_end(file))
    throw DataError(fmt::format("{}: the PNG picture is cut short. Try: another copy of the file.", where));
  if (alpha) drop_last_channel(image.pixels, static_cast<std::size_t>(image.channels) + 1);
  return image;
}

}  // namespace wta
