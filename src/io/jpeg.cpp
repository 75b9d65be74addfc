#include "io/jpeg.h"

#include <fmt/format.h>
#include <turbojpeg.h>

#include <memory>

#include "wta/error.h"

namespace wta {
namespace {

// A block of 8 x 8 pixels takes at least one bit.
constexpr std::int64_t kMostPixelsOfByte = 64 * 8;

struct Destroy {
  void operator()(void* coder) const { tjDestroy(coder); }
};
using Decoder = std::unique_ptr<void, Destroy>;
using Encoder = std::unique_ptr<void, Destroy>;

[[noreturn]] void fail_decoding(const Decoder& decoder, const std::string& where) {
  throw DataError(
      fmt::format("{}: the JPEG image is damaged or cut short: {}. Try: another copy of the file.", where,
                  tjGetErrorStr2(decoder.get())));
}

struct JpegHeader {
  int width = 0;
  int height = 0;
  int colours = 0;
};

JpegHeader read_jpeg_header(const Decoder& decoder, std::span<const std::byte> file,
                            const std::string& where) {
  JpegHeader header;
  int subsampling = 0;
  if (tjDecompressHeader3(decoder.get(), reinterpret_cast<const unsigned char*>(file.data()), file.size(),
                          &header.width, &header.height, &subsampling, &header.colours) != 0) {
    fail_decoding(decoder, where);
  }
  if (header.height < 1) {
    throw DataError(fmt::format(
        "{}: the JPEG image is cut short: it has no size. Try: another copy of the file.", where));
  }
  require_image_size(header.height, header.width, where);
  require_image_bytes(header.height, header.width, file.size(), kMostPixelsOfByte, where);
  if (header.colours == TJCS_CMYK || header.colours == TJCS_YCCK) {
    throw DataError(
        fmt::format("{}: a JPEG image must be grey or RGB; got CMYK. Try: convert it to RGB.", where));
  }
  return header;
}

}  // namespace

Image decode_jpeg(std::span<const std::byte> file, const std::string& where) {
  const Decoder decoder(tjInitDecompress());
  if (!decoder) throw MemoryError(where + ": no memory to read the image. Try: free memory.");
  const JpegHeader header = read_jpeg_header(decoder, file, where);
  const bool grey = header.colours == TJCS_GRAY;
  Image image{.height = header.height, .width = header.width, .channels = grey ? 1 : 3, .pixels = {}};
  image.pixels.resize(static_cast<std::size_t>(image.height * image.width * image.channels));
  // A file that is cut short only warns; a progressive one may ask for scans without end.
  constexpr int kFlags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  if (tjDecompress2(decoder.get(), reinterpret_cast<const unsigned char*>(file.data()), file.size(),
                    image.pixels.data(), header.width, 0, header.height, grey ? TJPF_GRAY : TJPF_RGB,
                    kFlags) != 0) {
    fail_decoding(decoder, where);
  }
  return image;
}

std::vector<std::byte> encode_jpeg(const Image& image, int quality, const std::string& where) {
  const Encoder encoder(tjInitCompress());
  if (!encoder) throw MemoryError(where + ": no memory to write the image. Try: free memory.");
  const bool grey = image.channels == 1;
  const auto width = static_cast<int>(image.width);
  const auto height = static_cast<int>(image.height);
  const int subsampling = grey ? TJSAMP_GRAY : TJSAMP_444;
  std::vector<std::byte> bytes(tjBufSize(width, height, subsampling));
  auto* begin = reinterpret_cast<unsigned char*>(bytes.data());
  unsigned long size = bytes.size();
  if (tjCompress2(encoder.get(), image.pixels.data(), width, 0, height, grey ? TJPF_GRAY : TJPF_RGB, &begin,
                  &size, subsampling, quality, TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC) != 0) {
    throw IoError(fmt::format("{}: the picture could not be encoded: {}. Try: fewer tiles.", where,
                              tjGetErrorStr2(encoder.get())));
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace wta
