#include "io/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <ranges>
#include <utility>

#include "io/atomic_file.h"
#include "io/half.h"
#include "io/json_strict.h"
#include "io/read_file.h"
#include "io/sha256.h"
#include "wta/error.h"

namespace wta {
namespace {

static_assert(std::endian::native == std::endian::little, "files hold little-endian values");

using nlohmann::json;

constexpr std::uint64_t kLongestHeader = 100'000'000;
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kHexDigits = 64;

template <class T>
constexpr const char* kDtype = "";
template <>
constexpr const char* kDtype<float> = "F32";
template <>
constexpr const char* kDtype<double> = "F64";
template <>
constexpr const char* kDtype<std::uint8_t> = "U8";
template <>
constexpr const char* kDtype<std::int8_t> = "I8";
template <>
constexpr const char* kDtype<std::int16_t> = "I16";
template <>
constexpr const char* kDtype<std::int32_t> = "I32";
template <>
constexpr const char* kDtype<std::int64_t> = "I64";
template <>
constexpr const char* kDtype<std::uint16_t> = "U16";
template <>
constexpr const char* kDtype<std::uint32_t> = "U32";
template <>
constexpr const char* kDtype<std::uint64_t> = "U64";

const char* dtype_of(const AnyTensor& tensor) {
  return std::visit([]<class T>(const Tensor<T>&) { return kDtype<T>; }, tensor);
}

std::size_t item_size(const AnyTensor& tensor) {
  return std::visit([]<class T>(const Tensor<T>&) { return sizeof(T); }, tensor);
}

std::span<const std::byte> bytes_of(const AnyTensor& tensor) {
  return std::visit([](const auto& t) { return std::as_bytes(t.span()); }, tensor);
}

// Names in the order of the data part: item size descending, then name.
std::vector<std::string> data_order(const TensorFile& content) {
  const auto keys = std::views::keys(content.tensors);
  std::vector<std::string> names(keys.begin(), keys.end());
  std::ranges::stable_sort(names, [&](const std::string& a, const std::string& b) {
    return item_size(content.tensors.at(a)) > item_size(content.tensors.at(b));
  });
  return names;
}

std::string sha256_of_text(const std::string& text) {
  Sha256 sum;
  sum.update(std::as_bytes(std::span(text)));
  return sum.hex();
}

std::string header_text(const TensorFile& content, const std::vector<std::string>& names,
                        const std::string& sha256) {
  json header = json::object();
  std::map<std::string, std::string> metadata = content.metadata;
  metadata.erase(kHeaderSha256);
  metadata[kDataSha256] = sha256;
  metadata[kChecksums] = fmt::format("{},{}", kDataSha256, kHeaderSha256);
  header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const std::string& name : names) {
    const AnyTensor& tensor = content.tensors.at(name);
    const std::size_t end = offset + bytes_of(tensor).size();
    header[name] = {
        {"dtype", dtype_of(tensor)}, {"shape", shape_of(tensor)}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  header["__metadata__"][kHeaderSha256] = sha256_of_text(header.dump());
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

// One entry of the header, with its place in the data part.
struct Entry {
  std::string name;
  std::string dtype;
  Shape shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class Reader {
 public:
  Reader(std::string where, std::span<const std::byte> file) : where_(std::move(where)), file_(file) {}

  TensorFile read() {
    const json header = read_header();
    TensorFile content;
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") {
        content.metadata = read_metadata(value);
      } else {
        entries.push_back(read_entry(name, value));
      }
    }
    require_no_holes(entries);
    require_checksums(header, content.metadata);
    for (const Entry& entry : entries) content.tensors.emplace(entry.name, read_tensor(entry));
    return content;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(fmt::format("{}: {}. Try: another copy of the file.", where_, problem));
  }

  json read_header() {
    if (file_.size() < kLengthBytes) {
      fail(
          fmt::format("a safetensors file starts with 8 bytes of header length; got {} bytes", file_.size()));
    }
    std::uint64_t length = 0;
    std::memcpy(&length, file_.data(), kLengthBytes);
    if (length > kLongestHeader || length > file_.size() - kLengthBytes) {
      fail(fmt::format("header length (byte 0) must be at most {} and fit the file of {} bytes; got {}",
                       kLongestHeader, file_.size(), length));
    }
    const std::string_view text(reinterpret_cast<const char*>(file_.data()) + kLengthBytes, length);
    if (text.empty() || text.front() != '{') fail("the header (byte 8) must start with '{'");
    if (text[text.find_last_not_of(' ')] != '}') fail("the header (byte 8) must end with '}' and spaces");
    data_ = file_.subspan(kLengthBytes + length);
    json header = parse_json(text, fmt::format("{}: header (byte 8)", where_));
    return header;
  }

  std::map<std::string, std::string> read_metadata(const json& value) const {
    std::map<std::string, std::string> metadata;
    if (!value.is_object()) fail("'__metadata__' must be an object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(fmt::format("'__metadata__.{}' must be a text", key));
      metadata[key] = text.get<std::string>();
    }
    return metadata;
  }

  std::uint64_t read_number(const json& value, const std::string& field) const {
    if (!value.is_number_unsigned())
      fail(fmt::format("{} must be a whole number >= 0; got {}", field, value.dump()));
    return value.get<std::uint64_t>();
  }

  Entry read_entry(const std::string& name, const json& value) const {
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value["dtype"].is_string() ||
        !value.contains("shape") || !value["shape"].is_array() || !value.contains("data_offsets") ||
        !value["data_offsets"].is_array() || value["data_offsets"].size() != 2) {
      fail(fmt::format("tensor '{}' must have dtype, shape and two data_offsets", name));
    }
    Entry entry{.name = name, .dtype = value["dtype"].get<std::string>(), .shape = {}};
    for (const json& extent : value["shape"]) {
      const std::uint64_t size = read_number(extent, fmt::format("tensor '{}' shape", name));
      if (size > static_cast<std::uint64_t>(INT64_MAX))
        fail(fmt::format("tensor '{}' shape overflows", name));
      entry.shape.push_back(static_cast<std::int64_t>(size));
    }
    entry.begin = read_number(value["data_offsets"][0], fmt::format("tensor '{}' data_offsets", name));
    entry.end = read_number(value["data_offsets"][1], fmt::format("tensor '{}' data_offsets", name));
    if (entry.begin > entry.end || entry.end > data_.size()) {
      fail(fmt::format("tensor '{}' data_offsets [{},{}] must lie in the data part of {} bytes", name,
                       entry.begin, entry.end, data_.size()));
    }
    return entry;
  }

  void require_no_holes(std::vector<Entry> entries) const {
    std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t offset = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != offset) {
        fail(fmt::format("tensors must touch; '{}' starts at data byte {}, expected {}", entry.name,
                         entry.begin, offset));
      }
      offset = entry.end;
    }
    if (offset != data_.size()) {
      fail(fmt::format("tensors must end with the file; they end at data byte {} of {}", offset,
                       data_.size()));
    }
  }

  void require_checksums(json header, const std::map<std::string, std::string>& metadata) const {
    const auto has = [&](const char* key) { return metadata.contains(key); };
    const bool both = has(kDataSha256) && has(kHeaderSha256);
    if (has(kChecksums) && !both) {
      fail(fmt::format("'__metadata__' must hold {} and {}, as its '{}' says", kDataSha256, kHeaderSha256,
                       kChecksums));
    }
    if (has(kHeaderSha256)) {
      header["__metadata__"].erase(kHeaderSha256);
      require_same("header (byte 8)", metadata.at(kHeaderSha256), sha256_of_text(header.dump()));
    }
    if (!has(kDataSha256)) return;
    Sha256 sum;
    sum.update(data_);
    require_same("data part", metadata.at(kDataSha256), sum.hex());
  }

  void require_same(const char* part, const std::string& expected, const std::string& actual) const {
    if (actual == expected) return;
    fail(fmt::format("the SHA-256 of the {} must be {}; got {}", part, expected.substr(0, kHexDigits),
                     actual));
  }

  template <class T>
  AnyTensor copy(const Entry& entry) const {
    std::int64_t count = 1;
    for (const std::int64_t extent : entry.shape) {
      if (__builtin_mul_overflow(count, extent, &count))
        fail(fmt::format("tensor '{}': the product of its extents must fit 63 bits; got {}", entry.name,
                         to_string(entry.shape)));
    }
    const std::uint64_t bytes = entry.end - entry.begin;
    if (bytes % sizeof(T) != 0 || bytes / sizeof(T) != static_cast<std::uint64_t>(count)) {
      fail(fmt::format("tensor '{}' of {} {} needs {} x {} bytes; its data_offsets hold {}", entry.name,
                       entry.dtype, to_string(entry.shape), count, sizeof(T), bytes));
    }
    Tensor<T> tensor(entry.shape);
    if (bytes > 0) std::memcpy(tensor.data(), data_.data() + entry.begin, bytes);
    return tensor;
  }

  // 16-bit floating-point numbers, widened.
  template <float (*Widen)(std::uint16_t)>
  AnyTensor widen(const Entry& entry) const {
    const AnyTensor narrow = copy<std::uint16_t>(entry);
    Tensor<float> wide(entry.shape);
    std::ranges::transform(std::get<Tensor<std::uint16_t>>(narrow).span(), wide.data(), Widen);
    return wide;
  }

  AnyTensor read_tensor(const Entry& entry) const {
    using Make = AnyTensor (Reader::*)(const Entry&) const;
    static constexpr std::array<std::pair<std::string_view, Make>, 12> kTypes = {{
        {"F32", &Reader::copy<float>},
        {"F64", &Reader::copy<double>},
        {"F16", &Reader::widen<from_half>},
        {"BF16", &Reader::widen<from_bfloat16>},
        {"U8", &Reader::copy<std::uint8_t>},
        {"I8", &Reader::copy<std::int8_t>},
        {"I16", &Reader::copy<std::int16_t>},
        {"I32", &Reader::copy<std::int32_t>},
        {"I64", &Reader::copy<std::int64_t>},
        {"U16", &Reader::copy<std::uint16_t>},
        {"U32", &Reader::copy<std::uint32_t>},
        {"U64", &Reader::copy<std::uint64_t>},
    }};
    for (const auto& [name, make] : kTypes) {
      if (name == entry.dtype) return (this->*make)(entry);
    }
    fail(fmt::format("tensor '{}' has dtype '{}', which is not read here", entry.name, entry.dtype));
  }

  std::string where_;
  std::span<const std::byte> file_;
  std::span<const std::byte> data_;
};

// Hands the file to `write`, piece by piece.
template <class Write>
void write_pieces(const TensorFile& content, const Write& write) {
  const std::vector<std::string> names = data_order(content);
  Sha256 sum;
  for (const std::string& name : names) sum.update(bytes_of(content.tensors.at(name)));
  const std::string header = header_text(content, names, sum.hex());
  const std::uint64_t length = header.size();
  write(std::as_bytes(std::span(&length, 1)));
  write(std::as_bytes(std::span(header)));
  for (const std::string& name : names) write(bytes_of(content.tensors.at(name)));
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const TensorFile& content) {
  AtomicFile file(path);
  write_pieces(content, [&](std::span<const std::byte> piece) { file.write(piece); });
  file.commit();
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const std::vector<std::byte> file = read_file(path);
  return Reader(path.string(), file).read();
}

std::vector<std::byte> to_safetensors_bytes(const TensorFile& content) {
  std::vector<std::byte> bytes;
  write_pieces(content, [&](std::span<const std::byte> piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  });
  return bytes;
}

TensorFile from_safetensors_bytes(std::span<const std::byte> bytes, const std::string& where) {
  return Reader(where, bytes).read();
}

}  // namespace wta
