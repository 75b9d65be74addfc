#include "data/read_samples.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>

#include "data/layouts.h"
#include "io/descriptor.h"
#include "io/idx.h"
#include "io/image.h"
#include "io/npy.h"
#include "wta/error.h"

namespace wta {
namespace {

// The first bytes of a file; fewer for a shorter one.
std::string first_bytes(const std::filesystem::path& path) {
  std::array<char, 6> bytes{};
  const Descriptor file = open_file(path, O_RDONLY);
  const auto got =
      file.open() ? read_full(file.get(), std::as_writable_bytes(std::span(bytes))) : std::nullopt;
  if (got) return {bytes.data(), *got};
  const std::string reason = system_reason();
  throw IoError(fmt::format("{}: the file cannot be read: {}. Try: another path.", path.string(), reason));
}

// The name without .gz or .xz.
std::filesystem::path unpacked(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".gz" || extension == ".xz" ? path.stem() : path.filename();
}

template <class T>
Tensor<float> as_float(const Tensor<T>& values) {
  Tensor<float> result(values.shape());
  for (std::int64_t i = 0; i < values.size(); ++i) result[i] = static_cast<float>(values[i]);
  return result;
}

struct ToSamples {
  Samples operator()(Tensor<std::uint8_t>& values) const { return Samples(std::move(values)); }
  Samples operator()(Tensor<float>& values) const { return Samples(std::move(values)); }
  template <class T>
  Samples operator()(Tensor<T>& values) const {
    return Samples(as_float(values));
  }
};

FileKind kind_of_folder(const std::filesystem::path& folder) {
  if (has_mnist_layout(folder)) return FileKind::mnist_folder;
  return has_cifar10_layout(folder) ? FileKind::cifar10_folder : FileKind::image_folder;
}

}  // namespace

FileKind kind_of(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return kind_of_folder(path);
  if (unpacked(path).extension() == ".bin") return FileKind::cifar10;
  const std::string extension = path.extension().string();
  if (extension == ".mat") return FileKind::mat;
  if (has_image_name(path)) return FileKind::image;
  if (extension == ".npy") return FileKind::npy;
  if (extension == ".npz") return FileKind::npz;
  if (path.filename().string().find("idx") != std::string::npos) return FileKind::idx;
  const std::string head = first_bytes(path);
  if (head.starts_with("\x93NUMPY")) return FileKind::npy;
  if (head.starts_with("PK")) return FileKind::npz;
  const bool idx = head.size() >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 8 && head[2] <= 14;
  if (idx || head.starts_with("\x1f\x8b") ||
      head.starts_with("\xfd"
                       "7zXZ"))
    return FileKind::idx;
  throw DataError(fmt::format(
      "{}: must be an .npy, .npz or idx file (idx also as .gz or .xz), CIFAR-10's .bin, SVHN's .mat, a PNG, "
      "JPEG, PPM or PGM image, or a folder of images or of MNIST's or CIFAR-10's files; got none of "
      "them. Try: numpy.save(file, array).",
      path.string()));
}

Samples to_samples(AnyTensor tensor, std::string_view where) {
  if (const Shape& shape = shape_of(tensor); !shape.empty() && shape.front() == 0) {
    throw DataError(fmt::format("{}: there must be at least one sample; got shape {}. Try: another file.",
                                where, to_string(shape)));
  }
  try {
    return std::visit(ToSamples{}, tensor);
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", where, error.what()));
  }
}

Samples read_npy_samples(const std::filesystem::path& path) {
  return to_samples(read_npy(path), path.string());
}

Samples read_idx_samples(const std::filesystem::path& path) {
  return to_samples(read_idx(path), path.string());
}

}  // namespace wta
