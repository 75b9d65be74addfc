#include "exchange/json_fields.h"

#include <algorithm>
#include <string_view>

#include "io/json_strict.h"
#include "io/read_file.h"
#include "wta/error.h"

namespace wta {
namespace {

std::string shortened(const nlohmann::json& value) {
  constexpr std::size_t kShown = 60;
  const std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  return text.size() <= kShown ? text : text.substr(0, kShown) + "...";
}

nlohmann::json parse_file(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

}  // namespace

JsonFields::JsonFields(const std::filesystem::path& path) : where_(path.string()), object_(parse_file(path)) {
  if (object_.is_object()) return;
  throw DataError(fmt::format("{}: must hold one object of settings; got {}. Try: another copy of the file.",
                              where_, shortened(object_)));
}

std::string JsonFields::text(const char* name, const std::string& otherwise) const {
  if (!has(name)) return otherwise;
  if (!object_[name].is_string()) refuse(name, "must be a text");
  return object_[name].get<std::string>();
}

bool JsonFields::flag(const char* name, bool otherwise) const {
  if (!has(name)) return otherwise;
  if (!object_[name].is_boolean()) refuse(name, "must be true or false");
  return object_[name].get<bool>();
}

std::int64_t JsonFields::count(const char* name, std::int64_t otherwise) const {
  constexpr std::int64_t kLargest = std::int64_t{1} << 31;
  if (!has(name)) return otherwise;
  const nlohmann::json& value = object_[name];
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > static_cast<std::uint64_t>(kLargest)) {
    refuse(name, fmt::format("must be a whole number from 0 to {}", kLargest));
  }
  return value.get<std::int64_t>();
}

std::int64_t JsonFields::size(const char* name) const {
  const std::int64_t value = count(name, 0);
  if (value < 1) refuse(name, "must be there and at least 1");
  return value;
}

JsonFields JsonFields::object(const char* name) const {
  const std::string where = fmt::format("{}: {}", where_, name);
  if (!has(name)) return {where, nlohmann::json::object()};
  if (!object_[name].is_object()) refuse(name, "must be an object");
  return {where, object_[name]};
}

void JsonFields::refuse(const char* name, const std::string& rule) const {
  std::string got = "nothing";
  if (has(name)) got = shortened(object_[name]);
  throw DataError(fmt::format("{}: '{}' {}; got {}. Try: another model.", where_, name, rule, got));
}

Tensor<float> tensor_of_shape(const TensorFile& file, const std::string& where, const std::string& name,
                              const Shape& shape) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    throw DataError(
        fmt::format("{}: must hold the tensor '{}'; it is missing. Try: another model.", where, name));
  }
  if (shape_of(found->second) != shape) {
    throw DataError(
        fmt::format("{}: tensor '{}' must have shape {}, as cfg.json says; got {}. Try: another model.",
                    where, name, to_string(shape), to_string(shape_of(found->second))));
  }
  if (const auto* single = std::get_if<Tensor<float>>(&found->second)) return *single;
  if (const auto* wide = std::get_if<Tensor<double>>(&found->second)) {
    Tensor<float> narrow(shape);
    std::ranges::transform(wide->span(), narrow.data(), [](double v) { return static_cast<float>(v); });
    return narrow;
  }
  throw DataError(fmt::format("{}: tensor '{}' must hold floating-point numbers; got {}. Try: another model.",
                              where, name, type_name(found->second)));
}

}  // namespace wta
