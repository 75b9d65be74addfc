#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/format_version.h"
#include "io/safetensors.h"
#include "wta/classifier.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr int kFormatVersion = 1;
constexpr const char* kFormat = "wta-classifier";
/// Deeper than any list of names: refused before the parser follows it.
constexpr int kMaxJsonDepth = 1;

/// The file that is being read, for messages.
struct Source {
  const std::filesystem::path& path;
  const TensorFile& file;

  [[noreturn]] void refuse(std::string_view field, std::string_view rule, std::string_view got) const {
    throw DataError(fmt::format("{}: {}: {}; got {}. Try: `wta classify` to train the classifier again.",
                                path.string(), field, rule, got));
  }

  [[nodiscard]] const std::string& metadata(const std::string& key) const {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) refuse("__metadata__." + key, "a classifier must have it", "nothing");
    return found->second;
  }

  [[nodiscard]] const Tensor<float>& tensor(const std::string& name) const {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end()) refuse("tensor " + name, "a classifier must have it", "nothing");
    const auto* tensor = std::get_if<Tensor<float>>(&found->second);
    if (tensor == nullptr) refuse("tensor " + name, "must be float32", type_name(found->second));
    for (const float value : tensor->span()) {
      if (!std::isfinite(value)) refuse("tensor " + name, "must be finite", "NaN or infinity");
    }
    return *tensor;
  }

  [[nodiscard]] double positive(const std::string& key) const {
    const std::string& text = metadata(key);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value > 0) || !std::isfinite(value)) {
      refuse("__metadata__." + key, "must be a positive number", "\"" + text.substr(0, 40) + "\"");
    }
    return value;
  }
};

void check_version(const Source& source) {
  const std::string& format = source.metadata("format");
  if (format != kFormat) source.refuse("__metadata__.format", fmt::format("must be {}", kFormat), format);
  const std::string& version = source.metadata("format_version");
  if (!has_major_version(version, kFormatVersion)) {
    throw DataError(fmt::format(
        "{}: __metadata__.format_version: this program reads version {}; got {}. Try: a newer wta.",
        source.path.string(), kFormatVersion, version));
  }
}

std::vector<std::string> parse_names(const Source& source, std::int64_t classes) {
  const std::string& text = source.metadata("class_names");
  // The parser drops what the callback refuses, so that must be remembered.
  bool nested = false;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, const nlohmann::json&) {
    const bool opens = event == nlohmann::json::parse_event_t::array_start ||
                       event == nlohmann::json::parse_event_t::object_start;
    if (opens && depth >= kMaxJsonDepth) nested = true;
    return !nested;
  };
  const auto json = nlohmann::json::parse(text, watch, false);
  const auto is_text = [](const nlohmann::json& item) { return item.is_string(); };
  if (nested || !json.is_array() || !std::all_of(json.begin(), json.end(), is_text)) {
    source.refuse("__metadata__.class_names", "must be a JSON list of texts", text.substr(0, 40));
  }
  if (!json.empty() && static_cast<std::int64_t>(json.size()) != classes) {
    source.refuse("__metadata__.class_names", fmt::format("must name all {} classes, or none", classes),
                  fmt::format("{} names", json.size()));
  }
  return json.get<std::vector<std::string>>();
}

}  // namespace

void save_classifier(const std::filesystem::path& path, const LinearClassifier& classifier) {
  TensorFile file;
  file.tensors.emplace("weight", classifier.weight);
  file.tensors.emplace("bias", classifier.bias);
  file.metadata["format"] = kFormat;
  file.metadata["format_version"] = std::to_string(kFormatVersion);
  // fmt writes the shortest text that reads back as the same number.
  file.metadata["code_scale"] = fmt::format("{}", classifier.code_scale);
  file.metadata["C"] = fmt::format("{}", classifier.C);
  file.metadata["stages"] = classifier.stages;
  using Json = nlohmann::json;
  file.metadata["class_names"] =
      Json(classifier.class_names).dump(-1, ' ', false, Json::error_handler_t::replace);
  write_safetensors(path, file);
}

LinearClassifier load_classifier(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  const Source source{path, file};
  check_version(source);
  LinearClassifier classifier;
  classifier.weight = source.tensor("weight");
  classifier.bias = source.tensor("bias");
  const Shape& weight = classifier.weight.shape();
  const Shape& bias = classifier.bias.shape();
  if (weight.size() != 2 || weight[0] < 2 || weight[1] < 1 || bias != Shape{weight[0]}) {
    source.refuse("tensors weight and bias", "must be [classes,features] and [classes], two classes or more",
                  to_string(weight) + " and " + to_string(bias));
  }
  classifier.code_scale = source.positive("code_scale");
  classifier.C = source.positive("C");
  classifier.class_names = parse_names(source, weight[0]);
  if (file.metadata.contains("stages")) classifier.stages = source.metadata("stages");
  return classifier;
}

}  // namespace wta
