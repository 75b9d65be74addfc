#include "exchange/sparsify.h"

#include <algorithm>

#include "exchange/json_fields.h"
#include "io/atomic_file.h"

namespace wta {
namespace {

constexpr const char* kSparsifyConfig = "cfg.json";
constexpr const char* kSparsifyWeights = "sae.safetensors";
constexpr std::int64_t kExpansion = 32;  // what the format's cfg.json means where it says nothing
constexpr std::int64_t kLargest = 32;

}  // namespace

void write_sparsify(const std::filesystem::path& folder, const SparseAutoencoder& dictionary,
                    std::int64_t k) {
  const std::int64_t expansion = std::max<std::int64_t>(1, dictionary.units() / dictionary.inputs());
  nlohmann::ordered_json config;  // field by field: a list of them leaks when memory runs out
  config["activation"] = "topk";
  config["expansion_factor"] = expansion;
  config["normalize_decoder"] = false;
  config["num_latents"] = dictionary.units();
  config["k"] = k;
  config["multi_topk"] = false;
  config["skip_connection"] = false;
  config["transcode"] = false;
  config["d_in"] = dictionary.inputs();
  TensorFile weights;
  weights.tensors["encoder.weight"] = dictionary.encoder;
  weights.tensors["encoder.bias"] = bias_of_centred_input(dictionary);
  weights.tensors["W_dec"] = dictionary.decoder;
  weights.tensors["b_dec"] = dictionary.decoder_bias;
  std::filesystem::create_directories(folder);
  write_safetensors(folder / kSparsifyWeights, weights);
  write_text(folder / kSparsifyConfig, config.dump(2) + "\n");
}

SparseAutoencoder read_sparsify(const std::filesystem::path& folder) {
  const JsonFields config(folder / kSparsifyConfig);
  if (config.text("activation", "topk") != "topk") config.refuse("activation", "must be topk");
  if (config.flag("skip_connection", false)) config.refuse("skip_connection", "must be false");
  const std::int64_t inputs = config.size("d_in");
  std::int64_t units = config.count("num_latents", 0);
  if (units == 0) units = inputs * config.count("expansion_factor", kExpansion);
  const std::string where = (folder / kSparsifyWeights).string();
  const TensorFile file = read_safetensors(folder / kSparsifyWeights);
  SparseAutoencoder dictionary{.encoder = tensor_of_shape(file, where, "encoder.weight", {units, inputs}),
                               .encoder_bias = tensor_of_shape(file, where, "encoder.bias", {units}),
                               .decoder = tensor_of_shape(file, where, "W_dec", {units, inputs}),
                               .decoder_bias = tensor_of_shape(file, where, "b_dec", {inputs}),
                               .k = config.count("k", kLargest)};
  if (dictionary.k < 1 || dictionary.k > units)
    config.refuse("k", fmt::format("must be from 1 to {} units", units));
  if (!config.flag("transcode", false)) subtract_decoder_bias(dictionary);
  return dictionary;
}

}  // namespace wta
