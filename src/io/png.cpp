#include "io/png.h"

#include <fmt/format.h>
#include <png.h>

#include <string_view>

#include "io/atomic_file.h"
#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

// libpng's simplified interface: no longjmp reaches our frames; its memory is freed here.
struct PngImage {
  png_image image{};
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

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
  png_alloc_size_t size = 0;
  const auto encode = [&](void* memory) {
    if (png_image_write_to_memory(&png.image, memory, &size, 0, image.pixels.data(), 0, nullptr) == 0) {
      throw IoError(fmt::format("{}: the picture could not be encoded: {}. Try: fewer tiles.", where,
                                png.image.message));
    }
  };
  encode(nullptr);
  std::vector<std::byte> bytes(size);
  encode(bytes.data());
  bytes.resize(size);
  return bytes;
}

void write_png(const std::filesystem::path& path, const Image& image) {
  AtomicFile file(path);
  file.write(encode_png(image, path.string()));
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
