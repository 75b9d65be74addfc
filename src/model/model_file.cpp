#include "model/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ranges>

#include "io/format_version.h"
#include "io/json_strict.h"
#include "model/network.h"
#include "model/parameters.h"
#include "model/pooling.h"
#include "model/shapes.h"
#include "wta/error.h"

namespace wta {
namespace {

using nlohmann::json;

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
  const std::string field = fmt::format("{}: metadata '{}'", where, key);
  try {
    return parse_json(metadata_of(file, key, where), field).get<T>();
  } catch (const json::exception& error) {
    throw DataError(fmt::format("{} is damaged: {}.", field, error.what()));
  }
}

// JSON takes 1.5 and 1e300 for whole numbers where one asks for those.
Shape parse_shape(const TensorFile& file, const std::string& key, const std::string& where) {
  constexpr std::uint64_t kLargest = INT64_MAX;
  Shape shape;
  for (const json& extent : parse<std::vector<json>>(file, key, where)) {
    if (!extent.is_number_unsigned() || extent.get<std::uint64_t>() > kLargest) {
      throw DataError(
          fmt::format("{}: metadata '{}' must hold whole numbers >= 0; got {}.", where, key, extent.dump()));
    }
    shape.push_back(extent.get<std::int64_t>());
  }
  return shape;
}

void require_known_version(const TensorFile& file, const std::string& where) {
  const std::string& version = metadata_of(file, "format_version", where);
  if (has_major_version(version, kModelFormatVersion)) return;
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

TrainingSummary summary_from(const TensorFile& file, const std::string& prefix, const std::string& where) {
  const auto values = parse<std::map<std::string, double>>(file, prefix + "training_summary", where);
  const auto value = [&](const char* key) {
    const auto found = values.find(key);
    if (found == values.end()) {
      throw DataError(fmt::format("{}: metadata 'training_summary' must hold '{}'.", where, key));
    }
    return found->second;
  };
  const auto count = [&](const char* key) {
    constexpr double kMost = 0x1p53;
    if (value(key) >= 0 && value(key) <= kMost) return static_cast<std::int64_t>(value(key));
    throw DataError(fmt::format("{}: metadata 'training_summary': '{}' must be from 0 to 2^53; got {}.",
                                where, key, value(key)));
  };
  return {.epochs = count("epochs"),
          .steps = count("steps"),
          .dead_units = count("dead_units"),
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

void require_tensor(const std::string& where, const std::string& name, const Tensor<float>& tensor,
                    const Shape& shape) {
  require_shape(where, name, tensor.shape(), shape);
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    if (!std::isfinite(tensor[i])) {
      throw DataError(
          fmt::format("{}: tensor '{}' must be finite; got {} at element {}.", where, name, tensor[i], i));
    }
  }
}

// The first stage's metadata have plain names, those of the others carry a prefix, like their tensors.
std::string metadata_prefix(std::size_t stage) {
  return stage == 0 ? "" : fmt::format("stages.{}.", stage);
}

std::string tensor_prefix(std::size_t stage) {
  return fmt::format("stages.{}.", stage);
}

void write_stage(const Stage& stage, std::size_t number, TensorFile& file) {
  const std::string prefix = tensor_prefix(number);
  const Autoencoder& network = stage.network;
  for (std::size_t l = 0; l < network.encoder.size(); ++l) {
    file.tensors[fmt::format("{}encoder.{}.weight", prefix, l)] = network.encoder[l].weight;
    file.tensors[fmt::format("{}encoder.{}.bias", prefix, l)] = network.encoder[l].bias;
  }
  if (!network.tied()) file.tensors[prefix + "decoder.weight"] = network.decoder_weight;
  if (stage.preprocessing.ranges()) {
    file.tensors[prefix + "preprocess.lowest"] = stage.preprocessing.lowest;
    file.tensors[prefix + "preprocess.highest"] = stage.preprocessing.highest;
  }
  if (stage.preprocessing.whitens()) {
    file.tensors[prefix + "preprocess.whitening"] = stage.preprocessing.whitening;
    file.tensors[prefix + "preprocess.bias"] = stage.preprocessing.whitening_bias;
  }
  file.tensors[prefix + "decoder.bias"] = network.decoder_bias;
  file.tensors[prefix + "thresholds"] = network.thresholds;
  file.tensors[prefix + "usage"] =
      Tensor<std::int64_t>({static_cast<std::int64_t>(stage.usage.size())}, stage.usage);
  const std::string key = metadata_prefix(number);
  file.metadata[key + "architecture"] = stage.options.at("arch");
  file.metadata[key + "options"] = json(stage.options).dump();
  file.metadata[key + "sample_shape"] = json(stage.sample_shape).dump();
  file.metadata[key + "data_fingerprint"] = stage.data_fingerprint;
  file.metadata[key + "training_summary"] = summary_to_json(stage.summary).dump();
}

// What the options of a stage say of its network. Files from before an option were trained without it.
void read_options(Stage& stage) {
  std::map<std::string, std::string> before = values_of(ModelOptions{}, Effect::result);
  for (const char* required : {"arch", "lifetime"}) before.erase(required);
  before.insert_or_assign("spatial", "no");
  before.insert_or_assign("activation", "relu");
  before.insert_or_assign("pool", "off");
  stage.options.insert(before.begin(), before.end());
  ModelOptions options;
  for (const OptionText& option : describe(options)) {
    const std::string name(option.info.name);
    set_option(options, name, stage.options.at(name));
  }
  configure(stage.network, options);
  stage.pooling = parse_pool(options.pool);
  stage.preprocessing = parse_preprocessing(options.preprocess);
}

Stage read_stage(const TensorFile& file, std::size_t number, const std::string& where) {
  const std::string prefix = tensor_prefix(number);
  const std::string key = metadata_prefix(number);
  const Architecture arch = parse_architecture(metadata_of(file, key + "architecture", where));
  Stage stage;
  stage.options = parse<std::map<std::string, std::string>>(file, key + "options", where);
  if (stage.options.at("arch") != metadata_of(file, key + "architecture", where)) {
    throw DataError(fmt::format("{}: metadata '{}architecture' must be the 'arch' of the options, '{}'.",
                                where, key, stage.options.at("arch")));
  }
  stage.sample_shape = parse_shape(file, key + "sample_shape", where);
  stage.data_fingerprint = metadata_of(file, key + "data_fingerprint", where);
  stage.summary = summary_from(file, key, where);
  read_options(stage);
  if (arch.convolutional() && stage.sample_shape.size() != 2 && stage.sample_shape.size() != 3) {
    throw DataError(fmt::format("{}: metadata 'sample_shape' must be [H,W] or [H,W,C] for maps; got {}.",
                                where, to_string(stage.sample_shape)));
  }
  Autoencoder& network = stage.network;
  try {
    network.input_shape = network_input(stage.sample_shape, arch.convolutional());
    (void)element_count(network.input_shape);
  } catch (const InvalidArgument& error) {
    throw DataError(fmt::format("{}: metadata 'sample_shape': {}", where, error.what()));
  }
  for (std::size_t l = 0; l < arch.encoder.size(); ++l) {
    const std::string layer = fmt::format("{}encoder.{}.", prefix, l);
    network.encoder.push_back({.weight = tensor_of<float>(file, layer + "weight", where),
                               .bias = tensor_of<float>(file, layer + "bias", where)});
  }
  if (file.tensors.contains(prefix + "decoder.weight")) {
    network.decoder_weight = tensor_of<float>(file, prefix + "decoder.weight", where);
  }
  if (stage.preprocessing.ranges()) {
    stage.preprocessing.lowest = tensor_of<float>(file, prefix + "preprocess.lowest", where);
    stage.preprocessing.highest = tensor_of<float>(file, prefix + "preprocess.highest", where);
  }
  if (stage.preprocessing.whitens()) {
    stage.preprocessing.whitening = tensor_of<float>(file, prefix + "preprocess.whitening", where);
    stage.preprocessing.whitening_bias = tensor_of<float>(file, prefix + "preprocess.bias", where);
  }
  network.decoder_bias = tensor_of<float>(file, prefix + "decoder.bias", where);
  network.thresholds = tensor_of<float>(file, prefix + "thresholds", where);
  const auto& usage = tensor_of<std::int64_t>(file, prefix + "usage", where);
  stage.usage.assign(usage.span().begin(), usage.span().end());
  return stage;
}

// Tensors of a stage whose metadata are lost would be left out in silence.
void require_no_more_stages(const TensorFile& file, std::size_t stages, const std::string& where) {
  for (const auto& [name, tensor] : file.tensors) {
    const bool known = !name.starts_with("stages.") ||
                       std::ranges::any_of(std::views::iota(std::size_t{0}, stages),
                                           [&](std::size_t s) { return name.starts_with(tensor_prefix(s)); });
    if (known) continue;
    throw DataError(
        fmt::format("{}: a model file must describe every stage; the tensor '{}' belongs to none of "
                    "its {}. Try: another file.",
                    where, name, stages));
  }
}

// Every tensor of the stage against the shapes that its architecture implies.
void verify_stage(const Stage& stage, std::size_t number, const std::string& where) {
  const std::string prefix = tensor_prefix(number);
  const Autoencoder& network = stage.network;
  const Architecture arch = parse_architecture(stage.options.at("arch"));
  std::int64_t below = network.input_shape.back();
  for (std::size_t l = 0; l < arch.encoder.size(); ++l) {
    const std::string layer = fmt::format("{}encoder.{}.", prefix, l);
    require_tensor(where, layer + "weight", network.encoder[l].weight, weight_shape(arch.encoder[l], below));
    below = arch.encoder[l].units;
    require_tensor(where, layer + "bias", network.encoder[l].bias, {below});
  }
  if (network.tied() && (arch.encoder.size() > 1 || arch.convolutional())) {
    throw DataError(fmt::format("{}: a model of '{}' must hold '{}decoder.weight'.", where,
                                stage.options.at("arch"), prefix));
  }
  const bool sigmoid = network.activation == Activation::sigmoid;
  if (network.rbm() && (arch.encoder.size() > 1 || !network.tied() || !sigmoid)) {
    throw DataError(
        fmt::format("{}: an RBM must have one layer of sigmoid units and no '{}decoder.weight'; got '{}', "
                    "activation '{}'.",
                    where, prefix, stage.options.at("arch"), stage.options.at("activation")));
  }
  const bool linear = network.activation == Activation::identity;
  if (network.kind == NetworkKind::pca && (arch.encoder.size() > 1 || !network.tied() || !linear)) {
    throw DataError(
        fmt::format("{}: principal components must be one layer of linear units and no '{}decoder.weight'; "
                    "got '{}', activation '{}'.",
                    where, prefix, stage.options.at("arch"), stage.options.at("activation")));
  }
  require_preprocessable(stage.preprocessing, stage.sample_shape);
  if (stage.preprocessing.ranges()) {
    require_tensor(where, prefix + "preprocess.lowest", stage.preprocessing.lowest, {network.inputs()});
    require_tensor(where, prefix + "preprocess.highest", stage.preprocessing.highest, {network.inputs()});
  }
  if (stage.preprocessing.whitens()) {
    const std::int64_t size = network.inputs();
    require_tensor(where, prefix + "preprocess.whitening", stage.preprocessing.whitening, {size, size});
    require_tensor(where, prefix + "preprocess.bias", stage.preprocessing.whitening_bias, {size});
  }
  const std::int64_t channels = network.input_shape.back();
  if (!network.tied()) {
    require_tensor(where, prefix + "decoder.weight", network.decoder_weight,
                   weight_shape(decoder_spec(arch), channels));
  }
  require_tensor(where, prefix + "decoder.bias", network.decoder_bias, {channels});
  require_tensor(where, prefix + "thresholds", network.thresholds, {below});
  require_shape(where, prefix + "usage", {static_cast<std::int64_t>(stage.usage.size())}, {below});
}

}  // namespace

TensorFile to_tensor_file(const Model& model) {
  TensorFile file;
  for (std::size_t s = 0; s < model.stages.size(); ++s) write_stage(model.stages[s], s, file);
  file.metadata["format_version"] = std::to_string(kModelFormatVersion);
  file.metadata["class_names"] = json(model.class_names).dump();
  return file;
}

Model from_tensor_file(const TensorFile& file, const std::string& where) {
  require_known_version(file, where);
  Model model;
  try {
    do {
      model.stages.push_back(read_stage(file, model.stages.size(), where));
    } while (file.metadata.contains(metadata_prefix(model.stages.size()) + "architecture"));
    require_no_more_stages(file, model.stages.size(), where);
    verify_model(model, where);
  } catch (const InvalidArgument& error) {
    throw DataError(fmt::format("{}: {}", where, error.what()));
  } catch (const std::out_of_range&) {
    throw DataError(fmt::format("{}: metadata 'options' must hold 'arch' and 'lifetime'.", where));
  }
  model.class_names = parse<std::vector<std::string>>(file, "class_names", where);
  return model;
}

void verify_model(const Model& model, const std::string& where) {
  for (std::size_t s = 0; s < model.stages.size(); ++s) {
    verify_stage(model.stages[s], s, where);
    if (s == 0) continue;
    const Shape codes = model.stages[s - 1].code_shape();
    if (codes == model.stages[s].sample_shape) continue;
    throw DataError(fmt::format("{}: stage {} must read the codes {} of the stage below; it reads {}.", where,
                                s + 1, to_string(codes), to_string(model.stages[s].sample_shape)));
  }
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

std::vector<std::byte> model_to_bytes(const Model& model) {
  return to_safetensors_bytes(to_tensor_file(model));
}

Model model_from_bytes(std::span<const std::byte> bytes, const std::string& where) {
  return from_tensor_file(from_safetensors_bytes(bytes, where), where);
}

}  // namespace wta
