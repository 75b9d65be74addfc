#include "model/model_file.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "model/parameters.h"
#include "wta/error.h"

namespace wta {
namespace {

using nlohmann::json;

const std::string kStage = "stages.0.";

template <class T>
const Tensor<T>& tensor_of(const TensorFile& file, const std::string& name, const std::string& where) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) {
    throw DataError(fmt::format(
        "{}: a model file must hold the tensor '{}'; it is missing. Try: another file.", where, name));
  }
  if (const auto* tensor = std::get_if<Tensor<T>>(&found->second)) return *tensor;
  throw DataError(fmt::format("{}: tensor '{}' has another element type than expected; got {}.", where, name,
                              type_name(found->second)));
}

const std::string& metadata_of(const TensorFile& file, const std::string& key, const std::string& where) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) return found->second;
  throw DataError(fmt::format(
      "{}: a model file must hold the metadata '{}'; it is missing. Try: another file.", where, key));
}

template <class T>
T parse(const TensorFile& file, const std::string& key, const std::string& where) {
  try {
    return json::parse(metadata_of(file, key, where)).get<T>();
  } catch (const json::exception& error) {
    throw DataError(fmt::format("{}: metadata '{}' is damaged: {}.", where, key, error.what()));
  }
}

void require_known_version(const TensorFile& file, const std::string& where) {
  const std::string& version = metadata_of(file, "format_version", where);
  if (version == std::to_string(kModelFormatVersion)) return;
  throw DataError(
      fmt::format("{}: this version of wta reads model format {}; got format '{}'. Try: a newer wta.", where,
                  kModelFormatVersion, version));
}

json summary_to_json(const TrainingSummary& summary) {
  return {{"epochs", summary.epochs},
          {"steps", summary.steps},
          {"dead_units", summary.dead_units},
          {"loss", summary.loss},
          {"explained_variance", summary.explained_variance},
          {"active_fraction", summary.active_fraction}};
}

TrainingSummary summary_from(const TensorFile& file, const std::string& where) {
  const auto values = parse<std::map<std::string, double>>(file, "training_summary", where);
  const auto value = [&](const char* key) {
    const auto found = values.find(key);
    if (found == values.end()) {
      throw DataError(fmt::format("{}: metadata 'training_summary' must hold '{}'.", where, key));
    }
    return found->second;
  };
  return {.epochs = static_cast<std::int64_t>(value("epochs")),
          .steps = static_cast<std::int64_t>(value("steps")),
          .dead_units = static_cast<std::int64_t>(value("dead_units")),
          .loss = value("loss"),
          .explained_variance = value("explained_variance"),
          .active_fraction = value("active_fraction")};
}

void require_shape(const std::string& where, const std::string& name, const Shape& got,
                   const Shape& expected) {
  if (got == expected) return;
  throw DataError(fmt::format("{}: tensor '{}' must have shape {}; got {}.", where, name, to_string(expected),
                              to_string(got)));
}

void require_finite(const std::string& where, const std::string& name, std::span<const float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw DataError(
          fmt::format("{}: tensor '{}' must be finite; got {} at element {}.", where, name, values[i], i));
    }
  }
}

void read_network(const TensorFile& file, const std::string& where, Autoencoder& network) {
  const std::size_t layers = parse_architecture(metadata_of(file, "architecture", where)).size();
  for (std::size_t l = 0; l < layers; ++l) {
    const std::string prefix = fmt::format("{}encoder.{}.", kStage, l);
    network.encoder.push_back({.weight = tensor_of<float>(file, prefix + "weight", where),
                               .bias = tensor_of<float>(file, prefix + "bias", where)});
  }
  if (file.tensors.contains(kStage + "decoder.weight")) {
    network.decoder_weight = tensor_of<float>(file, kStage + "decoder.weight", where);
  }
  network.decoder_bias = tensor_of<float>(file, kStage + "decoder.bias", where);
  network.thresholds = tensor_of<float>(file, kStage + "thresholds", where);
}

}  // namespace

TensorFile to_tensor_file(const Model& model) {
  TensorFile file;
  Autoencoder network = model.network;
  for (std::size_t l = 0; l < network.encoder.size(); ++l) {
    const std::string prefix = fmt::format("{}encoder.{}.", kStage, l);
    file.tensors[prefix + "weight"] = std::move(network.encoder[l].weight);
    file.tensors[prefix + "bias"] = std::move(network.encoder[l].bias);
  }
  if (!model.network.tied()) file.tensors[kStage + "decoder.weight"] = std::move(network.decoder_weight);
  file.tensors[kStage + "decoder.bias"] = std::move(network.decoder_bias);
  file.tensors[kStage + "thresholds"] = std::move(network.thresholds);
  file.tensors[kStage + "usage"] =
      Tensor<std::int64_t>({static_cast<std::int64_t>(model.usage.size())}, model.usage);
  file.metadata["format_version"] = std::to_string(kModelFormatVersion);
  file.metadata["architecture"] = model.options.at("arch");
  file.metadata["options"] = json(model.options).dump();
  file.metadata["sample_shape"] = json(model.sample_shape).dump();
  file.metadata["class_names"] = json(model.class_names).dump();
  file.metadata["data_fingerprint"] = model.data_fingerprint;
  file.metadata["training_summary"] = summary_to_json(model.summary).dump();
  return file;
}

Model from_tensor_file(const TensorFile& file, const std::string& where) {
  require_known_version(file, where);
  Model model;
  try {
    read_network(file, where, model.network);
    model.options = parse<std::map<std::string, std::string>>(file, "options", where);
    model.network.lifetime = parse_rate("lifetime", model.options.at("lifetime"));
  } catch (const InvalidArgument& error) {
    throw DataError(fmt::format("{}: {}", where, error.what()));
  } catch (const std::out_of_range&) {
    throw DataError(fmt::format("{}: metadata 'options' must hold 'lifetime'.", where));
  }
  model.sample_shape = parse<Shape>(file, "sample_shape", where);
  model.class_names = parse<std::vector<std::string>>(file, "class_names", where);
  model.data_fingerprint = metadata_of(file, "data_fingerprint", where);
  model.summary = summary_from(file, where);
  const auto& usage = tensor_of<std::int64_t>(file, kStage + "usage", where);
  model.usage.assign(usage.span().begin(), usage.span().end());
  verify_model(model, where);
  return model;
}

void verify_model(const Model& model, const std::string& where) {
  const Autoencoder& network = model.network;
  std::int64_t below = 0;
  try {
    below = element_count(model.sample_shape);
  } catch (const InvalidArgument& error) {
    throw DataError(fmt::format("{}: metadata 'sample_shape': {}", where, error.what()));
  }
  const std::int64_t inputs = below;
  const std::vector<std::int64_t> layers = parse_architecture(model.options.at("arch"));
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::string prefix = fmt::format("{}encoder.{}.", kStage, l);
    require_shape(where, prefix + "weight", network.encoder[l].weight.shape(), {layers[l], below});
    require_shape(where, prefix + "bias", network.encoder[l].bias.shape(), {layers[l]});
    require_finite(where, prefix + "weight", network.encoder[l].weight.span());
    require_finite(where, prefix + "bias", network.encoder[l].bias.span());
    below = layers[l];
  }
  if (network.tied() && layers.size() > 1) {
    throw DataError(fmt::format("{}: a model of several layers must hold 'stages.0.decoder.weight'.", where));
  }
  if (!network.tied()) {
    require_shape(where, kStage + "decoder.weight", network.decoder_weight.shape(), {below, inputs});
    require_finite(where, kStage + "decoder.weight", network.decoder_weight.span());
  }
  require_shape(where, kStage + "decoder.bias", network.decoder_bias.shape(), {inputs});
  require_finite(where, kStage + "decoder.bias", network.decoder_bias.span());
  require_shape(where, kStage + "thresholds", network.thresholds.shape(), {below});
  require_finite(where, kStage + "thresholds", network.thresholds.span());
  require_shape(where, kStage + "usage", {static_cast<std::int64_t>(model.usage.size())}, {below});
}

void save_model(const std::filesystem::path& path, const Model& model) {
  write_safetensors(path, to_tensor_file(model));
}

Model load_model(const std::filesystem::path& path) {
  const bool folder = std::filesystem::is_directory(path);
  const std::filesystem::path file = folder ? path / "model.safetensors" : path;
  if (!std::filesystem::exists(file)) {
    throw IoError(fmt::format("{}: no model here. Try: wta train --out {}.", file.string(), path.string()));
  }
  return from_tensor_file(read_safetensors(file), file.string());
}

}  // namespace wta
