#include "io/png.h"

#include <fmt/format.h>
#include <png.h>

#include <cstring>

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

}  // namespace

void write_png(const std::filesystem::path& path, const Image& image) {
  PngImage png;
  png.image.width = static_cast<png_uint_32>(image.width);
  png.image.height = static_cast<png_uint_32>(image.height);
  png.image.format = image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t size = 0;
  std::vector<std::byte> bytes;
  const auto encode = [&](void* memory) {
    if (png_image_write_to_memory(&png.image, memory, &size, 0, image.pixels.data(), 0, nullptr) == 0) {
      throw IoError(fmt::format("{}: the picture could not be encoded: {}. Try: fewer tiles.", path.string(),
                                png.image.message));
    }
  };
  encode(nullptr);
  bytes.resize(size);
  encode(bytes.data());
  AtomicFile file(path);
  file.write(std::span<const std::byte>(bytes.data(), size));
  file.commit();
}

Image read_png(const std::filesystem::path& path) {
  constexpr std::int64_t kLargestSide = 1 << 16;
  const std::vector<std::byte> file = read_file(path);
  PngImage png;
  const auto require = [&](int result) {
    if (result == 0) {
      throw DataError(
          fmt::format("{}: not a PNG picture: {}. Try: another file.", path.string(), png.image.message));
    }
  };
  require(png_image_begin_read_from_memory(&png.image, file.data(), file.size()));
  const bool colour = (png.image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  Image image{.height = png.image.height, .width = png.image.width, .channels = colour ? 3 : 1, .pixels = {}};
  if (image.height > kLargestSide || image.width > kLargestSide || image.height * image.width > (1LL << 28)) {
    throw DataError(fmt::format("{}: a picture may have 2^28 pixels; got {} x {}. Try: a smaller one.",
                                path.string(), image.height, image.width));
  }
  png.image.format = colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  image.pixels.resize(PNG_IMAGE_SIZE(png.image));
  require(png_image_finish_read(&png.image, nullptr, image.pixels.data(), 0, nullptr));
  return image;
}

}  // namespace wta
