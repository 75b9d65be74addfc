#pragma once
/// NumPy and DLPack arrays as the library sees them, without a copy, and results as NumPy arrays.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "wta/dataset.h"
#include "wta/tensor.h"

namespace wta::python {

namespace nb = nanobind;

/// Any array in the processor's memory, row-major; never written to.
using AnyArray = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;
/// float32 rows [N, D].
using Rows = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using NumpyArray = nb::ndarray<nb::numpy, float>;

[[nodiscard]] Shape shape_of(const AnyArray& array);
/// The array's own memory as samples [N, ...]: float32, or uint8 that is read as value / 255. The array lives
/// as long as they. To be called with the GIL held. Throws InvalidArgument for other types, DataError.
[[nodiscard]] Samples samples_of(const AnyArray& array);
[[nodiscard]] inline ConstMatrixView<float> matrix_of(const Rows& rows) {
  return {rows.data(), static_cast<std::int64_t>(rows.shape(0)), static_cast<std::int64_t>(rows.shape(1))};
}
/// The tensor as a NumPy array that owns it.
template <class T>
[[nodiscard]] nb::ndarray<nb::numpy, T> to_numpy(Tensor<T> tensor) {
  auto* owned = new Tensor<T>(std::move(tensor));
  const nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<Tensor<T>*>(p); });
  std::vector<std::size_t> shape(owned->shape().begin(), owned->shape().end());
  return nb::ndarray<nb::numpy, T>(owned->data(), shape.size(), shape.data(), owner);
}

}  // namespace wta::python
