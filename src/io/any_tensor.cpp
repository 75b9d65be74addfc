#include "io/any_tensor.h"

namespace wta {
namespace {

template <class T>
constexpr std::string_view kTypeName = "";
template <>
constexpr std::string_view kTypeName<float> = "float32";
template <>
constexpr std::string_view kTypeName<double> = "float64";
template <>
constexpr std::string_view kTypeName<std::uint8_t> = "uint8";
template <>
constexpr std::string_view kTypeName<std::int8_t> = "int8";
template <>
constexpr std::string_view kTypeName<std::int16_t> = "int16";
template <>
constexpr std::string_view kTypeName<std::int32_t> = "int32";
template <>
constexpr std::string_view kTypeName<std::int64_t> = "int64";
template <>
constexpr std::string_view kTypeName<std::uint16_t> = "uint16";
template <>
constexpr std::string_view kTypeName<std::uint32_t> = "uint32";
template <>
constexpr std::string_view kTypeName<std::uint64_t> = "uint64";

}  // namespace

const Shape& shape_of(const AnyTensor& tensor) {
  return std::visit([](const auto& t) -> const Shape& { return t.shape(); }, tensor);
}

std::string_view type_name(const AnyTensor& tensor) {
  return std::visit([]<class T>(const Tensor<T>&) { return kTypeName<T>; }, tensor);
}

}  // namespace wta
