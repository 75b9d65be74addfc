#pragma once
/// Image files as other programs write them.

#include <png.h>
#include <turbojpeg.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace wta::testing_support {

/// One row of pixels in a format of libpng, with its palette (RGB) where the format has one.
inline void write_png_as(const std::filesystem::path& path, std::uint32_t format,
                         const std::vector<std::uint8_t>& row,
                         const std::vector<std::uint8_t>& palette = {}) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.format = format;
  image.height = 1;
  const std::size_t channels = palette.empty() ? PNG_IMAGE_SAMPLE_CHANNELS(format) : 1;
  image.width = static_cast<png_uint_32>(row.size() / channels);
  image.colormap_entries = static_cast<png_uint_32>(palette.size() / 3);
  if (png_image_write_to_file(&image, path.c_str(), 0, row.data(), 0, palette.data()) == 0)
    throw std::runtime_error(image.message);
}

/// One row of grey pixels of 16 bits, without a word about their scale.
inline void write_grey16_png(const std::filesystem::path& path, const std::vector<std::uint16_t>& row) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, static_cast<png_uint_32>(row.size()), 1, 16, PNG_COLOR_TYPE_GRAY,
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  std::vector<png_byte> bytes;
  for (const std::uint16_t value : row) {
    bytes.push_back(static_cast<png_byte>(value >> 8));
    bytes.push_back(static_cast<png_byte>(value & 255));
  }
  png_write_row(png, bytes.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
}

/// A JPEG whose every value is `value`; of 4 channels (CMYK) as printers want it: YCCK.
inline std::string jpeg_bytes(int height, int width, int channels, std::uint8_t value) {
  const int format = channels == 1 ? TJPF_GRAY : channels == 3 ? TJPF_RGB : TJPF_CMYK;
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(height * width * channels), value);
  tjhandle encoder = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const int failed = tjCompress2(encoder, pixels.data(), width, 0, height, format, &bytes, &size,
                                 channels == 1 ? TJSAMP_GRAY : TJSAMP_444, 95, 0);
  std::string result(reinterpret_cast<char*>(bytes), failed == 0 ? size : 0);
  tjFree(bytes);
  tjDestroy(encoder);
  return result;
}

}  // namespace wta::testing_support
