#include "io/pnm.h"

#include "io/byte_reader.h"

namespace wta {
namespace {

constexpr std::int64_t kLargestNumber = 1 << 16;

// A number of the header with the white space and comments before it, and the one character behind it.
std::int64_t read_number(ByteReader& reader, const char* field) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  char c = reader.text(1, field)[0];
  while (is_space(c) || c == '#') {
    const bool comment = c == '#';
    while (comment && c != '\n') c = reader.text(1, field)[0];
    c = reader.text(1, field)[0];
  }
  std::int64_t number = 0;
  do {
    if (c < '0' || c > '9' || number > kLargestNumber)
      reader.fail(fmt::format("{} (before byte {}) must be a number up to {}", field, reader.offset(),
                              kLargestNumber));
    number = 10 * number + (c - '0');
    c = reader.text(1, field)[0];
  } while (!is_space(c));
  return number;
}

std::uint8_t scaled(std::int64_t value, std::int64_t largest) {
  return static_cast<std::uint8_t>((value * 255 + largest / 2) / largest);
}

}  // namespace

Image decode_pnm(std::span<const std::byte> file, const std::string& where) {
  ByteReader reader(file, where);
  const bool colour = reader.text(2, "magic") == "P6";
  Image image{.height = 0, .width = read_number(reader, "width"), .channels = colour ? 3 : 1, .pixels = {}};
  image.height = read_number(reader, "height");
  const std::int64_t largest = read_number(reader, "largest value");
  require_image_size(image.height, image.width, where);
  if (largest < 1 || largest > 65535)
    reader.fail(fmt::format("the largest value must be in 1..65535; got {}", largest));
  const std::size_t item = largest > 255 ? 2 : 1;
  const auto count = static_cast<std::size_t>(image.height * image.width * image.channels);
  if (reader.remaining() != count * item)
    reader.fail(fmt::format("pixels (byte {}) must take {} bytes; got {}", reader.offset(), count * item,
                            reader.remaining()));
  const std::span<const std::byte> values = reader.take(count * item, "pixels");
  image.pixels.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t value = 0;
    for (std::size_t b = 0; b < item; ++b)
      value = value << 8 | static_cast<std::int64_t>(values[i * item + b]);
    if (value > largest) reader.fail(fmt::format("a pixel may be {}; got {}", largest, value));
    image.pixels[i] = scaled(value, largest);
  }
  return image;
}

}  // namespace wta
