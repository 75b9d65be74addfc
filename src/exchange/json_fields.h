#pragma once
/// Typed reading of the settings of other programs; a message names file and field.

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "io/any_tensor.h"
#include "io/safetensors.h"
#include "wta/tensor.h"

namespace wta {

class JsonFields {
 public:
  /// Throws IoError, DataError (not an object).
  explicit JsonFields(const std::filesystem::path& path);
  JsonFields(std::string where, nlohmann::json object)
      : where_(std::move(where)), object_(std::move(object)) {}

  [[nodiscard]] bool has(const char* name) const {
    return object_.contains(name) && !object_[name].is_null();
  }
  /// The field, or `otherwise` where it is missing or null. Throws DataError for another type.
  [[nodiscard]] std::string text(const char* name, const std::string& otherwise) const;
  [[nodiscard]] bool flag(const char* name, bool otherwise) const;
  [[nodiscard]] std::int64_t count(const char* name, std::int64_t otherwise) const;
  /// A field that must be there and be at least 1.
  [[nodiscard]] std::int64_t size(const char* name) const;
  /// The object in a field; empty where it is missing.
  [[nodiscard]] JsonFields object(const char* name) const;
  [[noreturn]] void refuse(const char* name, const std::string& rule) const;

 private:
  std::string where_;
  nlohmann::json object_;
};

/// The tensor, which must have that shape and hold floating-point numbers. Throws DataError that names the
/// file.
[[nodiscard]] Tensor<float> tensor_of_shape(const TensorFile& file, const std::string& where,
                                            const std::string& name, const Shape& shape);

}  // namespace wta
