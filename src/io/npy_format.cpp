#include "io/npy_format.h"

#include <algorithm>
#include <charconv>

namespace wta {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::uint32_t kLongestNpyHeader = 10'000;

// Reads the header's Python literal: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class LiteralParser {
 public:
  LiteralParser(std::string_view text, const ByteReader& reader) : text_(text), reader_(reader) {}

  NpyHeader parse() {
    NpyHeader header;
    expect('{');
    int seen = 0;
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && (seen & 1) == 0) {
        seen |= 1;
        header.descr = quoted();
      } else if (key == "fortran_order" && (seen & 2) == 0) {
        seen |= 2;
        header.fortran_order = boolean();
      } else if (key == "shape" && (seen & 4) == 0) {
        seen |= 4;
        header.shape = shape();
      } else {
        fail(fmt::format("unexpected key '{}'", key));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) fail("text behind the closing brace");
    if (seen != 7) fail("descr, fortran_order and shape are all needed");
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    reader_.fail(fmt::format("header (byte {} of it): {}", at_, problem));
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(fmt::format("expected '{}'", c));
  }
  std::string quoted() {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '[') fail("structured arrays are not read here");
    expect('\'');
    const std::size_t end = text_.find('\'', at_);
    if (end == std::string_view::npos) fail("unfinished text");
    std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    skip_space();
    for (const auto& [word, value] :
         {std::pair{std::string_view("True"), true}, {std::string_view("False"), false}}) {
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    fail("expected True or False");
  }
  Shape shape() {
    Shape result;
    expect('(');
    while (!accept(')')) {
      skip_space();
      std::int64_t extent = -1;
      const auto [end, code] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), extent);
      if (code != std::errc{} || extent < 0) fail("an extent must be a whole number >= 0");
      at_ = static_cast<std::size_t>(end - text_.data());
      result.push_back(extent);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    if (result.size() > 32) fail("at most 32 dimensions");
    return result;
  }

  std::string_view text_;
  const ByteReader& reader_;
  std::size_t at_ = 0;
};

// C order from Fortran order: element (i, j, ...) of the result is at i + j * n_i + ... in the file.
template <class T>
Tensor<T> from_fortran(const Tensor<T>& file_order) {
  Tensor<T> result(file_order.shape());
  const Shape& shape = file_order.shape();
  std::vector<std::int64_t> index(shape.size(), 0);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    std::int64_t from = 0;
    for (std::size_t d = shape.size(); d-- > 0;) from = from * shape[d] + index[d];
    result[i] = file_order[from];
    for (std::size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
  return result;
}

template <class T>
AnyTensor values(const NpyHeader& header, bool swap, std::span<const std::byte> data) {
  Tensor<T> tensor(header.shape);
  if (!data.empty()) std::memcpy(tensor.data(), data.data(), data.size());
  if (swap)
    swap_bytes(reinterpret_cast<std::byte*>(tensor.data()), static_cast<std::size_t>(tensor.size()),
               sizeof(T));
  if (header.fortran_order && header.shape.size() > 1) return from_fortran(tensor);
  return tensor;
}

struct Type {
  std::string_view name;  ///< kind and size of a descr
  std::size_t bytes;
  AnyTensor (*make)(const NpyHeader&, bool, std::span<const std::byte>);
};

constexpr Type kTypes[] = {
    {"f4", 4, &values<float>},         {"f8", 8, &values<double>},        {"u1", 1, &values<std::uint8_t>},
    {"b1", 1, &values<std::uint8_t>},  {"i1", 1, &values<std::int8_t>},   {"i2", 2, &values<std::int16_t>},
    {"i4", 4, &values<std::int32_t>},  {"i8", 8, &values<std::int64_t>},  {"u2", 2, &values<std::uint16_t>},
    {"u4", 4, &values<std::uint32_t>}, {"u8", 8, &values<std::uint64_t>},
};

const Type& type_of(const NpyHeader& header, const ByteReader& reader) {
  const std::string_view descr = header.descr;
  if (descr.find('O') != std::string_view::npos) {
    reader.fail("descr: arrays of Python objects are never read (they would need pickle)");
  }
  const bool order = descr.size() == 3 && std::string_view("<>|=").find(descr[0]) != std::string_view::npos;
  for (const Type& type : kTypes) {
    if (order && descr.substr(1) == type.name) return type;
  }
  reader.fail(
      fmt::format("descr: the element type must be an integer or float of 1 to 8 bytes; got '{}'", descr));
}

}  // namespace

NpyHeader read_npy_header(ByteReader& reader) {
  if (reader.text(kMagic.size(), "magic") != kMagic)
    reader.fail("a NumPy array starts with \\x93NUMPY (byte 0)");
  const auto major = reader.little_endian<std::uint8_t>("version");
  (void)reader.little_endian<std::uint8_t>("version");
  if (major < 1 || major > 3) reader.fail(fmt::format("version (byte 6) must be 1, 2 or 3; got {}", major));
  const std::uint32_t length = major == 1 ? reader.little_endian<std::uint16_t>("header length")
                                          : reader.little_endian<std::uint32_t>("header length");
  if (length > kLongestNpyHeader) {
    reader.fail(fmt::format("header length (byte 8) must be at most {}; got {}", kLongestNpyHeader, length));
  }
  return LiteralParser(reader.text(length, "header"), reader).parse();
}

std::size_t npy_data_bytes(const NpyHeader& header, const ByteReader& reader) {
  auto bytes = static_cast<std::int64_t>(type_of(header, reader).bytes);
  for (const std::int64_t extent : header.shape) {
    if (__builtin_mul_overflow(bytes, extent, &bytes))
      reader.fail("shape: the product of the extents overflows");
  }
  return static_cast<std::size_t>(bytes);
}

AnyTensor read_npy_data(const NpyHeader& header, ByteReader& reader) {
  const std::size_t bytes = npy_data_bytes(header, reader);
  if (reader.remaining() != bytes) {
    reader.fail(fmt::format("data (byte {}) of shape {} must take {} bytes; got {}", reader.offset(),
                            to_string(header.shape), bytes, reader.remaining()));
  }
  return type_of(header, reader).make(header, header.descr[0] == '>', reader.take(bytes, "data"));
}

std::string npy_header_text(const std::string& descr, const Shape& shape) {
  std::string extents;
  for (const std::int64_t extent : shape) extents += fmt::format("{}, ", extent);
  if (shape.size() > 1) extents.resize(extents.size() - 2);
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, extents);
  constexpr std::size_t kPrefix = 10;
  header.append((64 - (kPrefix + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  const auto length = static_cast<std::uint16_t>(header.size());
  std::string text(kMagic);
  text += {'\x01', '\x00', static_cast<char>(length & 0xFF), static_cast<char>(length >> 8)};
  return text + header;
}

std::string npy_descr(const AnyTensor& tensor) {
  return std::visit(
      []<class T>(const Tensor<T>&) {
        const char kind = std::is_floating_point_v<T> ? 'f' : std::is_signed_v<T> ? 'i' : 'u';
        return fmt::format("{}{}{}", sizeof(T) == 1 ? '|' : '<', kind, sizeof(T));
      },
      tensor);
}

}  // namespace wta
