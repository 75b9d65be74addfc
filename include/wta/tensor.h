#pragma once
/// Dense arrays: contiguous, row-major, channels last; sizes are int64 everywhere.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "wta/storage.h"

namespace wta {

/// Extents, slowest first, e.g. {60000, 28, 28, 1} for images (N,H,W,C).
using Shape = std::vector<std::int64_t>;

/// Product of the extents; 1 for the empty shape. Throws InvalidArgument on a negative extent or
/// when the product does not fit int64.
[[nodiscard]] std::int64_t element_count(const Shape& shape);

/// Throws InvalidArgument when a tensor of the one shape cannot be seen as the other.
void require_same_count(const Shape& from, const Shape& to);

/// "[100,28,28,1]".
[[nodiscard]] std::string to_string(const Shape& shape);

/// A view of a row-major matrix [rows, cols] whose rows lie `stride` elements apart.
template <class T>
struct MatrixView {
  T* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t stride = 0;

  MatrixView() = default;
  MatrixView(T* d, std::int64_t r, std::int64_t c) : data(d), rows(r), cols(c), stride(c) {}
  MatrixView(T* d, std::int64_t r, std::int64_t c, std::int64_t s) : data(d), rows(r), cols(c), stride(s) {}
  template <class U>
    requires std::is_same_v<const U, T>
  // NOLINTNEXTLINE(google-explicit-constructor): a view to write through is a view to read through
  MatrixView(const MatrixView<U>& other)
      : data(other.data), rows(other.rows), cols(other.cols), stride(other.stride) {}

  [[nodiscard]] T* row(std::int64_t r) const { return data + r * stride; }
  [[nodiscard]] std::span<T> row_span(std::int64_t r) const {
    return {row(r), static_cast<std::size_t>(cols)};
  }
  [[nodiscard]] T& operator()(std::int64_t r, std::int64_t c) const { return data[r * stride + c]; }
  /// Rows [begin, end) of this view.
  [[nodiscard]] MatrixView row_range(std::int64_t begin, std::int64_t end) const {
    return {row(begin), end - begin, cols, stride};
  }
};

template <class T>
using ConstMatrixView = MatrixView<const T>;

/// A dense array, zero-filled at construction. Copyable; copies are deep.
template <class T>
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Shape shape) : shape_(std::move(shape)), values_(element_count(shape_)) {}
  Tensor(Shape shape, std::span<const T> values) : Tensor(std::move(shape)) {
    std::copy(values.begin(), values.end(), data());
  }
  /// An array in `memory`, which holds as many elements as the shape says, 64-byte aligned.
  Tensor(Shape shape, std::shared_ptr<T> memory)
      : shape_(std::move(shape)), values_(std::move(memory), element_count(shape_)) {}

  /// The same values under another shape of as many elements; throws InvalidArgument for other sizes.
  [[nodiscard]] Tensor reshaped(Shape shape) && {
    require_same_count(shape_, shape);
    shape_ = std::move(shape);
    return std::move(*this);
  }

  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] std::int64_t size() const { return values_.size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] T* data() { return values_.data(); }
  [[nodiscard]] const T* data() const { return values_.data(); }
  [[nodiscard]] std::span<T> span() { return {data(), static_cast<std::size_t>(size())}; }
  [[nodiscard]] std::span<const T> span() const { return {data(), static_cast<std::size_t>(size())}; }
  [[nodiscard]] T& operator[](std::int64_t i) { return data()[i]; }
  [[nodiscard]] const T& operator[](std::int64_t i) const { return data()[i]; }

  /// The tensor as a matrix: rows = first extent, cols = product of the others.
  [[nodiscard]] MatrixView<T> matrix() { return {data(), row_count(), row_size()}; }
  [[nodiscard]] ConstMatrixView<T> matrix() const { return {data(), row_count(), row_size()}; }
  /// First extent (1 for a scalar).
  [[nodiscard]] std::int64_t row_count() const { return shape_.empty() ? 1 : shape_.front(); }
  [[nodiscard]] std::int64_t row_size() const { return row_count() == 0 ? 0 : size() / row_count(); }

 private:
  Shape shape_;
  Storage<T> values_;
};

}  // namespace wta
