#pragma once
#include <cstdint>
#include <string_view>
#include <variant>

#include "wta/tensor.h"

namespace wta {

/// A tensor whose element type is known at run time. Files hold little-endian values of these types.
using AnyTensor = std::variant<Tensor<float>, Tensor<double>, Tensor<std::uint8_t>, Tensor<std::int8_t>,
                               Tensor<std::int16_t>, Tensor<std::int32_t>, Tensor<std::int64_t>,
                               Tensor<std::uint16_t>, Tensor<std::uint32_t>, Tensor<std::uint64_t>>;

[[nodiscard]] const Shape& shape_of(const AnyTensor& tensor);
/// "float32", "uint8", ...
[[nodiscard]] std::string_view type_name(const AnyTensor& tensor);

}  // namespace wta
