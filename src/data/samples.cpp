#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "io/sha256.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

void require_sample_rank(const Shape& shape) {
  const bool empty_extent = std::find(shape.begin() + !shape.empty(), shape.end(), 0) != shape.end();
  if (shape.size() >= 2 && shape.size() <= 4 && !empty_extent) return;
  throw DataError(
      fmt::format("samples: shape must be [N,D], [N,H,W] or [N,H,W,C] with no empty sample; got {}. Try: "
                  "reshape the array.",
                  to_string(shape)));
}

// Position of value `offset` inside one sample, as indices of the sample's shape.
Shape position_in_sample(std::int64_t offset, const Shape& shape) {
  Shape position(shape.size() - 1);
  for (std::size_t axis = shape.size() - 1; axis > 0; --axis) {
    position[axis - 1] = offset % shape[axis];
    offset /= shape[axis];
  }
  return position;
}

void require_finite(const Tensor<float>& values) {
  for (std::int64_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    const std::int64_t size = values.row_size();
    throw DataError(fmt::format(
        "samples: every value must be a finite float32; got {} in sample {} at position {}. Try: replace or "
        "remove that sample.",
        values[i], i / size, to_string(position_in_sample(i % size, values.shape()))));
  }
}

void copy_row(const std::uint8_t* from, std::int64_t size, float* to) {
  for (std::int64_t i = 0; i < size; ++i) to[i] = static_cast<float>(from[i]) / 255.0F;
}

void copy_row(const float* from, std::int64_t size, float* to) {
  std::memcpy(to, from, static_cast<std::size_t>(size) * sizeof(float));
}

void require_index(std::int64_t index, std::int64_t count) {
  if (index >= 0 && index < count) return;
  throw InvalidArgument(fmt::format("samples: an index must be in 0..{}; got {}.", count - 1, index));
}

void require_block(std::int64_t rows, std::int64_t size, MatrixView<float> out) {
  if (out.rows == rows && out.cols == size) return;
  throw InvalidArgument(fmt::format("samples: the output must be [samples, values] = [{},{}]; got [{},{}].",
                                    rows, size, out.rows, out.cols));
}

}  // namespace

Samples::Samples(Tensor<std::uint8_t> values) {
  require_sample_rank(values.shape());
  values_ = std::move(values);
}

Samples::Samples(Tensor<float> values) {
  require_sample_rank(values.shape());
  require_finite(values);
  values_ = std::move(values);
}

std::int64_t Samples::count() const {
  return std::visit([](const auto& values) { return values.shape().empty() ? 0 : values.row_count(); },
                    values_);
}

Shape Samples::sample_shape() const {
  return std::visit(
      [](const auto& values) {
        const Shape& shape = values.shape();
        return shape.empty() ? Shape{} : Shape(shape.begin() + 1, shape.end());
      },
      values_);
}

std::int64_t Samples::sample_size() const {
  return sample_shape().empty() ? 0 : element_count(sample_shape());
}

void Samples::gather(std::span<const std::int64_t> indices, MatrixView<float> out) const {
  require_block(static_cast<std::int64_t>(indices.size()), sample_size(), out);
  for (const std::int64_t index : indices) require_index(index, count());
  std::visit(
      [&](const auto& values) {
        const auto rows = values.matrix();
        for (std::int64_t i = 0; i < out.rows; ++i)
          copy_row(rows.row(indices[static_cast<std::size_t>(i)]), out.cols, out.row(i));
      },
      values_);
}

void Samples::read(std::int64_t begin, MatrixView<float> out) const {
  require_block(out.rows, sample_size(), out);
  if (out.rows == 0) return;
  require_index(begin, count());
  require_index(begin + out.rows - 1, count());
  std::visit(
      [&](const auto& values) {
        const auto rows = values.matrix();
        for (std::int64_t i = 0; i < out.rows; ++i) copy_row(rows.row(begin + i), out.cols, out.row(i));
      },
      values_);
}

Samples Samples::reshaped(const Shape& sample_shape) && {
  Shape shape = sample_shape;
  shape.insert(shape.begin(), count());
  std::visit([&](auto& values) { values = std::move(values).reshaped(shape); }, values_);
  return std::move(*this);
}

Samples Samples::subset(std::span<const std::int64_t> indices) const {
  for (const std::int64_t index : indices) require_index(index, count());
  Samples result;
  std::visit(
      [&](const auto& values) {
        Shape shape = values.shape();
        if (shape.empty()) return;
        shape.front() = static_cast<std::int64_t>(indices.size());
        std::remove_cvref_t<decltype(values)> chosen(shape);
        const auto from = values.matrix();
        const std::int64_t size = element_count(sample_shape());
        for (std::size_t i = 0; i < indices.size(); ++i)
          std::copy_n(from.row(indices[i]), size, chosen.data() + static_cast<std::int64_t>(i) * size);
        result.values_ = std::move(chosen);
      },
      values_);
  return result;
}

std::string Samples::fingerprint() const {
  return std::visit(
      [](const auto& values) {
        const bool bytes = sizeof(values[0]) == 1;
        const std::string head =
            fmt::format("{}{}\n", bytes ? "uint8" : "float32", to_string(values.shape()));
        Sha256 sum;
        sum.update(std::as_bytes(std::span(head)));
        sum.update(std::as_bytes(values.span()));
        return sum.hex();
      },
      values_);
}

}  // namespace wta
