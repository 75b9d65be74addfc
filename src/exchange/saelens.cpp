#include "exchange/saelens.h"

#include <cmath>

#include "exchange/json_fields.h"
#include "io/atomic_file.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr const char* kSaelensConfig = "cfg.json";
constexpr const char* kSaelensWeights = "sae_weights.safetensors";
// The first version whose cfg.json has these fields.
constexpr const char* kVersion = "6.0.0";

// What decides the code.
const char* architecture_of(const SparseAutoencoder& dictionary) {
  if (!dictionary.thresholds.empty()) return "jumprelu";
  return dictionary.k > 0 ? "topk" : "standard";
}

// Files from before version 6 name a topk network by its activation function.
std::string architecture_of(const JsonFields& config) {
  const std::string function = config.text("activation_fn", config.text("activation_fn_str", "relu"));
  if (function == "topk") return "topk";
  if (function != "relu")
    config.refuse(config.has("activation_fn") ? "activation_fn" : "activation_fn_str",
                  "must be relu or topk");
  const std::string architecture = config.text("architecture", "standard");
  if (architecture != "standard" && architecture != "jumprelu" && architecture != "topk") {
    config.refuse("architecture", "must be standard, jumprelu or topk");
  }
  return architecture;
}

std::int64_t k_of(const JsonFields& config, std::int64_t units) {
  const JsonFields& from = config.has("k") ? config : config.object("activation_fn_kwargs");
  const std::int64_t k = from.size("k");
  if (k > units) from.refuse("k", fmt::format("must be at most d_sae = {}", units));
  return k;
}

void require_plain_input(const JsonFields& config) {
  if (config.text("normalize_activations", "none") != "none") {
    config.refuse("normalize_activations", "must be none: wta reads samples as they are");
  }
  if (config.text("reshape_activations", "none") != "none") {
    config.refuse("reshape_activations", "must be none: wta reads samples as they are");
  }
}

// A topk network may choose by activation times the norm of the unit's atom; the norm moves to the encoder.
void move_norms_to_encoder(SparseAutoencoder& dictionary) {
  const MatrixView<float> encoder = dictionary.encoder.matrix();
  const MatrixView<float> decoder = dictionary.decoder.matrix();
  for (std::int64_t u = 0; u < decoder.rows; ++u) {
    double squares = 0;
    for (const float v : decoder.row_span(u)) squares += static_cast<double>(v) * static_cast<double>(v);
    const auto norm = static_cast<float>(std::sqrt(squares));
    for (float& v : encoder.row_span(u)) v *= norm;
    dictionary.encoder_bias[u] *= norm;
    if (norm == 0) continue;
    for (float& v : decoder.row_span(u)) v /= norm;
  }
}

}  // namespace

void write_saelens(const std::filesystem::path& folder, const SparseAutoencoder& dictionary) {
  nlohmann::ordered_json config;  // field by field: a list of them leaks when memory runs out
  config["d_in"] = dictionary.inputs();
  config["d_sae"] = dictionary.units();
  config["dtype"] = "float32";
  config["device"] = "cpu";
  config["apply_b_dec_to_input"] = false;
  config["normalize_activations"] = "none";
  config["reshape_activations"] = "none";
  config["metadata"]["sae_lens_version"] = kVersion;
  config["metadata"]["sae_lens_training_version"] = nullptr;
  config["architecture"] = architecture_of(dictionary);
  if (dictionary.k > 0) {
    config["k"] = dictionary.k;
    config["rescale_acts_by_decoder_norm"] = false;
  }
  TensorFile weights;
  weights.tensors["W_enc"] = transposed(dictionary.encoder);
  weights.tensors["W_dec"] = dictionary.decoder;
  weights.tensors["b_enc"] = dictionary.encoder_bias;
  weights.tensors["b_dec"] = dictionary.decoder_bias;
  if (!dictionary.thresholds.empty()) weights.tensors["threshold"] = dictionary.thresholds;
  std::filesystem::create_directories(folder);
  write_safetensors(folder / kSaelensWeights, weights);
  write_text(folder / kSaelensConfig, config.dump(2) + "\n");
}

SparseAutoencoder read_saelens(const std::filesystem::path& folder) {
  const JsonFields config(folder / kSaelensConfig);
  const std::string architecture = architecture_of(config);
  require_plain_input(config);
  const std::int64_t inputs = config.size("d_in");
  const std::int64_t units = config.size("d_sae");
  const std::string where = (folder / kSaelensWeights).string();
  const TensorFile file = read_safetensors(folder / kSaelensWeights);
  SparseAutoencoder dictionary{.encoder = transposed(tensor_of_shape(file, where, "W_enc", {inputs, units})),
                               .encoder_bias = tensor_of_shape(file, where, "b_enc", {units}),
                               .decoder = tensor_of_shape(file, where, "W_dec", {units, inputs}),
                               .decoder_bias = tensor_of_shape(file, where, "b_dec", {inputs})};
  if (architecture == "jumprelu") dictionary.thresholds = tensor_of_shape(file, where, "threshold", {units});
  if (architecture == "topk") dictionary.k = k_of(config, units);
  if (config.flag("apply_b_dec_to_input", true)) subtract_decoder_bias(dictionary);
  if (architecture == "topk" && config.flag("rescale_acts_by_decoder_norm", false))
    move_norms_to_encoder(dictionary);
  return dictionary;
}

}  // namespace wta
