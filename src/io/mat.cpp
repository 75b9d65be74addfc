#include "io/mat.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "io/byte_reader.h"
#include "io/compressed.h"
#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

// Types of elements. Values may be stored in another one than their array's class: bytes for small whole
// numbers.
enum ElementType : std::uint32_t {
  kInt8 = 1,
  kUint8 = 2,
  kInt16 = 3,
  kUint16 = 4,
  kInt32 = 5,
  kUint32 = 6,
  kSingle = 7,
  kDouble = 9,
  kInt64 = 12,
  kUint64 = 13,
  kMatrix = 14,
  kCompressed = 15,
  kUtf8 = 16
};

constexpr std::size_t kHeaderBytes = 128;
constexpr unsigned kFirstKind = 6;  // double
constexpr unsigned kLastKind = 13;  // uint32

struct Element {
  std::uint32_t type = 0;
  std::span<const std::byte> bytes;
};

struct Array {
  unsigned kind = 0;  // the class
  std::string name;
  Shape shape;  // the slowest first
  Element values;
};

// Type and size are two words, or the halves of one with at most four bytes behind; padded to eight bytes.
Element next_element(ByteReader& reader, const char* field) {
  const std::size_t begin = reader.offset();
  const auto word = reader.little_endian<std::uint32_t>(field);
  const std::uint32_t short_size = word >> 16;
  if (short_size > 4)
    reader.fail(
        fmt::format("{} (byte {}) of the short form has at most 4 bytes; got {}", field, begin, short_size));
  if (short_size > 0) return {.type = word & 0xFFFF, .bytes = reader.take(4, field).first(short_size)};
  const Element element{.type = word,
                        .bytes = reader.take(reader.little_endian<std::uint32_t>(field), field)};
  (void)reader.take(std::min(reader.remaining(), (8 - element.bytes.size() % 8) % 8), "padding");
  return element;
}

Shape read_shape(ByteReader& reader) {
  constexpr std::size_t kMostDimensions = 32;
  const Element element = next_element(reader, "dimensions");
  const std::size_t count = element.bytes.size() / sizeof(std::int32_t);
  if (element.type != kInt32 || count < 2 || count > kMostDimensions ||
      element.bytes.size() % sizeof(std::int32_t) != 0) {
    reader.fail(
        fmt::format("dimensions (before byte {}) must be 2 to {} int32 numbers; got {} bytes of type {}",
                    reader.offset(), kMostDimensions, element.bytes.size(), element.type));
  }
  Shape shape(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::int32_t extent = 0;
    std::memcpy(&extent, element.bytes.data() + i * sizeof(extent), sizeof(extent));
    if (extent < 0)
      reader.fail(fmt::format("a dimension (before byte {}) must be >= 0; got {}", reader.offset(), extent));
    shape[count - 1 - i] = extent;
  }
  return shape;
}

// The real numeric array in a matrix element; nothing for another kind of variable.
std::optional<Array> read_array(ByteReader& reader) {
  constexpr unsigned kComplex = 8;
  const Element flags = next_element(reader, "array flags");
  if (flags.type != kUint32 || flags.bytes.size() != 8) {
    reader.fail(
        fmt::format("array flags (before byte {}) must be two uint32 numbers; got {} bytes of type {}",
                    reader.offset(), flags.bytes.size(), flags.type));
  }
  Array array{.kind = std::to_integer<unsigned>(flags.bytes[0]), .name = {}, .shape = {}, .values = {}};
  const bool complex = (std::to_integer<unsigned>(flags.bytes[1]) & kComplex) != 0;
  if (array.kind < kFirstKind || array.kind > kLastKind || complex) return std::nullopt;
  array.shape = read_shape(reader);
  const Element name = next_element(reader, "name");
  if (name.type != kInt8 && name.type != kUtf8)
    reader.fail(fmt::format("name (before byte {}) must be text; got type {}", reader.offset(), name.type));
  array.name.assign(reinterpret_cast<const char*>(name.bytes.data()), name.bytes.size());
  array.values = next_element(reader, "values");
  return array;
}

// Throws unless the values are as many as the shape says: no memory is taken before.
void require_all_values(const Array& array, std::size_t item_bytes, const ByteReader& reader) {
  auto expected = static_cast<std::int64_t>(item_bytes);
  for (const std::int64_t extent : array.shape) {
    if (__builtin_mul_overflow(expected, extent, &expected))
      reader.fail(fmt::format("dimensions of '{}': their product overflows; got {}", array.name,
                              to_string(array.shape)));
  }
  if (array.values.bytes.size() == static_cast<std::size_t>(expected)) return;
  reader.fail(fmt::format("values of '{}' (before byte {}) of shape {} must take {} bytes; got {}",
                          array.name, reader.offset(), to_string(array.shape), expected,
                          array.values.bytes.size()));
}

// Values stored as `Stored`, of an array whose class is T.
template <class T, class Stored>
AnyTensor stored_as(const Array& array, const ByteReader& reader) {
  require_all_values(array, sizeof(Stored), reader);
  Tensor<T> tensor(array.shape);
  const std::byte* at = array.values.bytes.data();
  for (T& value : tensor.span()) {
    Stored stored{};
    std::memcpy(&stored, at, sizeof(Stored));
    at += sizeof(Stored);
    if constexpr (std::is_integral_v<T> && std::is_integral_v<Stored>) {
      if (!std::in_range<T>(stored))
        reader.fail(fmt::format("a value of '{}' must fit its class; got {}", array.name, stored));
    }
    value = static_cast<T>(stored);
  }
  return tensor;
}

template <class T>
AnyTensor values(const Array& array, const ByteReader& reader) {
  switch (array.values.type) {
    case kInt8:
      return stored_as<T, std::int8_t>(array, reader);
    case kUint8:
      return stored_as<T, std::uint8_t>(array, reader);
    case kInt16:
      return stored_as<T, std::int16_t>(array, reader);
    case kUint16:
      return stored_as<T, std::uint16_t>(array, reader);
    case kInt32:
      return stored_as<T, std::int32_t>(array, reader);
    case kUint32:
      return stored_as<T, std::uint32_t>(array, reader);
    default:
      break;
  }
  if constexpr (std::is_floating_point_v<T>) {
    if (array.values.type == kSingle) return stored_as<T, float>(array, reader);
    if (array.values.type == kDouble && sizeof(T) == sizeof(double))
      return stored_as<T, double>(array, reader);
  }
  reader.fail(fmt::format("values of '{}' (before byte {}) must have a type that fits its class; got type {}",
                          array.name, reader.offset(), array.values.type));
}

AnyTensor tensor_of(const Array& array, const ByteReader& reader) {
  using Make = AnyTensor (*)(const Array&, const ByteReader&);
  static constexpr std::array<Make, 8> kOfKind = {
      values<double>,       values<float>,         values<std::int8_t>,  values<std::uint8_t>,
      values<std::int16_t>, values<std::uint16_t>, values<std::int32_t>, values<std::uint32_t>};
  return kOfKind.at(array.kind - kFirstKind)(array, reader);
}

void add_array(ByteReader& reader, std::map<std::string, AnyTensor>& arrays) {
  const std::optional<Array> array = read_array(reader);
  if (!array) return;
  if (!arrays.emplace(array->name, tensor_of(*array, reader)).second)
    reader.fail(fmt::format("an array may stand once; got '{}' twice", array->name));
}

void require_version_5(std::span<const std::byte> file, const std::string& where) {
  constexpr std::size_t kVersion = 124;
  constexpr std::array<std::byte, 4> kVersion5 = {std::byte{0}, std::byte{1}, std::byte{'I'}, std::byte{'M'}};
  if (file.size() < kHeaderBytes) {
    throw DataError(
        fmt::format("{}: a MATLAB v5 file has {} bytes or more; got {}. Try: another copy of the file.",
                    where, kHeaderBytes, file.size()));
  }
  if (std::ranges::equal(file.subspan(kVersion, kVersion5.size()), kVersion5)) return;
  throw DataError(fmt::format(
      "{}: must be a MATLAB v5 file, little-endian (byte {}). Try: save(FILE, ..., '-v7') in MATLAB.", where,
      kVersion));
}

// The bytes of an element that is packed: one matrix, whose own size says how much may come out.
std::vector<std::byte> unpack_matrix(std::span<const std::byte> packed, const std::string& where) {
  constexpr std::size_t kTag = 8;
  const std::vector<std::byte> tag = unpack_zlib(packed, kTag, where).bytes;
  ByteReader reader(tag, where);
  const auto type = reader.little_endian<std::uint32_t>("type");
  const std::size_t size = kTag + reader.little_endian<std::uint32_t>("size");
  if (type != kMatrix)
    reader.fail(fmt::format("a packed element (byte 0) must be an array; got type {}", type));
  std::vector<std::byte> bytes = unpack_zlib(packed, size + 1, where).bytes;
  if (bytes.size() != size)
    reader.fail(fmt::format("size (byte 4) must be that of the element, {}; got {}", bytes.size(), size));
  bytes.erase(bytes.begin(), bytes.begin() + kTag);
  return bytes;
}

}  // namespace

std::map<std::string, AnyTensor> read_mat(const std::filesystem::path& path) {
  const std::vector<std::byte> file = read_file(path);
  require_version_5(file, path.string());
  ByteReader reader(file, path.string());
  (void)reader.take(kHeaderBytes, "header");
  std::map<std::string, AnyTensor> arrays;
  while (reader.remaining() > 0) {
    const std::size_t begin = reader.offset();
    const auto type = reader.little_endian<std::uint32_t>("element type");
    const auto size = reader.little_endian<std::uint32_t>("element size");
    if (size > reader.remaining())
      reader.fail(
          fmt::format("an element (byte {}) must end within the file's {} bytes", begin, file.size()));
    const std::span<const std::byte> element = reader.take(size, "element");
    const std::string where = fmt::format("{}: element at byte {}", path.string(), begin);
    const std::vector<std::byte> unpacked =
        type == kCompressed ? unpack_matrix(element, where) : std::vector<std::byte>();
    ByteReader inside(type == kCompressed ? unpacked : element, where);
    if (type == kMatrix || type == kCompressed) add_array(inside, arrays);
  }
  if (arrays.empty()) reader.fail("the file holds no numeric array");
  return arrays;
}

}  // namespace wta
