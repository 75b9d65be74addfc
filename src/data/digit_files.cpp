// Files of digits in formats of their own: USPS as text, SVHN as MATLAB arrays.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/layouts.h"
#include "data/registry.h"
#include "io/mat.h"
#include "io/text_table.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;

// Images with the labels of the same rows.
struct LabelledImages {
  Samples samples;
  std::optional<LabelColumn> labels;
};

Source to_source(LabelledImages train, LabelledImages test) {
  Source source;
  source.train = std::move(train.samples);
  source.train_labels = std::move(train.labels);
  source.has_test = true;
  source.test = std::move(test.samples);
  source.test_labels = std::move(test.labels);
  return source;
}

fs::path require_file(const fs::path& folder, const std::string& file) {
  if (const auto path = find_published(folder, file)) return *path;
  throw IoError(fmt::format("{}: the folder must hold {}, packed or not. Try: another copy of the set.",
                            folder.string(), file));
}

LabelledImages read_usps_file(const fs::path& path) {
  constexpr std::int64_t kSide = 16;
  const Tensor<float> table = read_text_table(path);
  const std::int64_t count = table.row_count();
  if (table.row_size() != kSide * kSide + 1)
    throw DataError(
        fmt::format("{}: a line must hold a digit and 256 values; got {} numbers. Try: another copy of "
                    "the file.",
                    path.string(), table.row_size()));
  Tensor<float> images({count, kSide, kSide});
  Tensor<float> digits({count});
  for (std::int64_t i = 0; i < count; ++i) {
    const auto row = table.matrix().row_span(i);
    digits[i] = row.front();
    std::ranges::transform(row.subspan(1), images.matrix().row(i), [](float v) { return (v + 1) / 2; });
  }
  return {.samples = Samples(std::move(images)), .labels = labels_of_tensor(digits, path.string())};
}

// From [n,C,W,H], as MATLAB's [H,W,C,n] is read, to [n,H,W,C].
Tensor<std::uint8_t> channels_last(const Tensor<std::uint8_t>& planes) {
  const Shape& from = planes.shape();
  const std::int64_t channels = from[1];
  const std::int64_t width = from[2];
  const std::int64_t height = from[3];
  Tensor<std::uint8_t> images({from[0], height, width, channels});
  for (std::int64_t n = 0; n < from[0]; ++n) {
    const std::uint8_t* plane = planes.matrix().row(n);
    std::uint8_t* out = images.matrix().row(n);
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        for (std::int64_t c = 0; c < channels; ++c) *out++ = plane[(c * width + x) * height + y];
  }
  return images;
}

LabelColumn digits_of(AnyTensor y, const std::string& where) {
  const Shape shape = shape_of(y);
  AnyTensor flat = std::visit(
      [&](auto& values) -> AnyTensor { return std::move(values).reshaped({element_count(shape)}); }, y);
  auto numbers = std::get<std::vector<std::int64_t>>(labels_of_tensor(flat, where));
  for (std::int64_t& number : numbers) {
    if (number < 0 || number > 10)
      throw DataError(
          fmt::format("{}: a digit must be in 0..10 (10 means 0); got {}. Try: another copy of the file.",
                      where, number));
    number %= 10;
  }
  return numbers;
}

LabelledImages read_svhn_images(const fs::path& path) {
  std::map<std::string, AnyTensor> arrays = read_mat(path);
  const auto x = arrays.find("X");
  auto* planes = x == arrays.end() ? nullptr : std::get_if<Tensor<std::uint8_t>>(&x->second);
  if (planes == nullptr || planes->shape().size() < 3 || planes->shape().size() > 4)
    throw DataError(
        fmt::format("{}: the file must hold images X [H,W,C,n] of bytes (and digits y [n]), as SVHN's "
                    "cropped digits do. Try: "
                    "save other arrays as .npy or .npz.",
                    path.string()));
  Shape shape = planes->shape();
  if (shape.size() == 3) shape.insert(shape.begin(), 1);  // MATLAB drops a last extent of 1
  LabelledImages images{.samples = Samples(channels_last(std::move(*planes).reshaped(shape))), .labels = {}};
  if (const auto y = arrays.find("y"); y != arrays.end())
    images.labels = digits_of(std::move(y->second), fmt::format("{}: array y", path.string()));
  return images;
}

}  // namespace

Source read_usps_layout(const fs::path& folder) {
  return to_source(read_usps_file(require_file(folder, "zip.train")),
                   read_usps_file(require_file(folder, "zip.test")));
}

Source read_svhn_layout(const fs::path& folder) {
  return to_source(read_svhn_images(require_file(folder, "train_32x32.mat")),
                   read_svhn_images(require_file(folder, "test_32x32.mat")));
}

Source read_svhn_file(const fs::path& file) {
  LabelledImages images = read_svhn_images(file);
  Source source;
  source.train = std::move(images.samples);
  source.train_labels = std::move(images.labels);
  return source;
}

}  // namespace wta
