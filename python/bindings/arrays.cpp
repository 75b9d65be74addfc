#include "arrays.h"

#include <fmt/format.h>

#include <memory>

#include "wta/error.h"

namespace wta::python {
namespace {

// Held until the last copy of the pointer is gone, on whichever thread that is.
template <class T>
std::shared_ptr<T> borrow(const AnyArray& array) {
  // Samples only read; Tensor has no type for memory that cannot be written.
  auto* data = const_cast<T*>(static_cast<const T*>(array.data()));
  return {data, [keep = std::make_unique<AnyArray>(array)](T*) mutable {
            const nb::gil_scoped_acquire gil;
            keep.reset();
          }};
}

}  // namespace

Shape shape_of(const AnyArray& array) {
  Shape shape;
  for (std::size_t axis = 0; axis < array.ndim(); ++axis) {
    shape.push_back(static_cast<std::int64_t>(array.shape(axis)));
  }
  return shape;
}

Samples samples_of(const AnyArray& array) {
  if (array.dtype() == nb::dtype<float>()) {
    return Samples(Tensor<float>(shape_of(array), borrow<float>(array)));
  }
  if (array.dtype() == nb::dtype<std::uint8_t>()) {
    return Samples(Tensor<std::uint8_t>(shape_of(array), borrow<std::uint8_t>(array)));
  }
  throw InvalidArgument("samples: an array must be of float32 or uint8. Try: X.astype(numpy.float32).");
}

}  // namespace wta::python
