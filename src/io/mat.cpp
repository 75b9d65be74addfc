#include "io/mat.h"

#include <matio.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>

#include "io/byte_reader.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::int64_t kHeaderBytes = 128;
constexpr std::int64_t kMostValues = std::int64_t{1} << 32;

struct Close {
  void operator()(mat_t* file) const { Mat_Close(file); }
};
struct Free {
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using File = std::unique_ptr<mat_t, Close>;
using Variable = std::unique_ptr<matvar_t, Free>;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& problem) {
  throw DataError(fmt::format("{}: {}. Try: another copy of the file.", path.string(), problem));
}

// libmatio reads zeros where a file is cut short, so that the elements are counted first: each has eight
// bytes of type and size, and the last one ends with the file.
void require_whole_elements(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::error_code failure;
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path, failure));
  if (!stream || failure)
    throw IoError(fmt::format("{}: the file cannot be read. Try: another path.", path.string()));
  if (size < kHeaderBytes)
    fail(path, fmt::format("a MATLAB v5 file has {} bytes or more; got {}", kHeaderBytes, size));
  std::int64_t offset = kHeaderBytes;
  while (offset < size) {
    std::array<std::uint32_t, 2> tag{};
    stream.seekg(offset);
    stream.read(reinterpret_cast<char*>(tag.data()), sizeof(tag));
    const std::int64_t end = offset + static_cast<std::int64_t>(sizeof(tag)) + tag[1];
    if (!stream || end > size)
      fail(path, fmt::format("an element (byte {}) must end within the file's {} bytes", offset, size));
    offset = end;
  }
}

File open_file(const std::filesystem::path& path) {
  require_whole_elements(path);
  File file(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
  if (!file || Mat_GetVersion(file.get()) != MAT_FT_MAT5) {
    throw DataError(
        fmt::format("{}: must be a MATLAB v5 file, little-endian. Try: save(FILE, ..., '-v7') in MATLAB.",
                    path.string()));
  }
  return file;
}

// Extents, the slowest first.
Shape shape_of(const matvar_t& variable, const std::filesystem::path& path) {
  Shape shape;
  std::int64_t count = 1;
  for (int i = variable.rank - 1; i >= 0; --i) {
    const auto extent = static_cast<std::int64_t>(variable.dims[i]);
    if (extent < 0 || __builtin_mul_overflow(count, std::max<std::int64_t>(1, extent), &count) ||
        count > kMostValues)
      fail(path, "an array may have 2^32 values; the dimensions say more");
    shape.push_back(extent);
  }
  return shape;
}

template <class T>
AnyTensor values(mat_t* file, matvar_t* variable, const std::filesystem::path& path) {
  Tensor<T> tensor(shape_of(*variable, path));
  const auto bytes = static_cast<std::size_t>(tensor.size()) * sizeof(T);
  if (bytes == 0) return tensor;
  if (Mat_VarReadDataAll(file, variable) != 0 || variable->data == nullptr || variable->nbytes != bytes)
    fail(path, fmt::format("the values of {} are damaged or cut short", variable->name));
  std::memcpy(tensor.data(), variable->data, bytes);
  return tensor;
}

void read_variable(mat_t* file, matvar_t* variable, const std::filesystem::path& path,
                   std::map<std::string, AnyTensor>& arrays) {
  if (variable->isComplex != 0 || variable->name == nullptr) return;
  const std::string name = variable->name;
  const auto add = [&](AnyTensor tensor) { arrays.insert_or_assign(name, std::move(tensor)); };
  const int type = variable->class_type;
  if (type == MAT_C_DOUBLE) add(values<double>(file, variable, path));
  if (type == MAT_C_SINGLE) add(values<float>(file, variable, path));
  if (type == MAT_C_UINT8) add(values<std::uint8_t>(file, variable, path));
  if (type == MAT_C_INT8) add(values<std::int8_t>(file, variable, path));
  if (type == MAT_C_UINT16) add(values<std::uint16_t>(file, variable, path));
  if (type == MAT_C_INT16) add(values<std::int16_t>(file, variable, path));
  if (type == MAT_C_UINT32) add(values<std::uint32_t>(file, variable, path));
  if (type == MAT_C_INT32) add(values<std::int32_t>(file, variable, path));
}

}  // namespace

std::map<std::string, AnyTensor> read_mat(const std::filesystem::path& path) {
  const File file = open_file(path);
  std::map<std::string, AnyTensor> arrays;
  while (const Variable variable{Mat_VarReadNextInfo(file.get())})
    read_variable(file.get(), variable.get(), path, arrays);
  if (arrays.empty()) fail(path, "the file holds no numeric array");
  return arrays;
}

}  // namespace wta
