#pragma once
/// A trained (or fresh) winner-take-all autoencoder: what the model file holds and what it can do.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "wta/context.h"
#include "wta/options.h"
#include "wta/tensor.h"

namespace wta {

/// What the network looks like.
struct ModelOptions {
  std::string arch = "1000fc";      ///< units per encoder layer, e.g. "2000fc", "1000fc-2000fc"
  Rate lifetime{.fraction = 0.05};  ///< share of the batch that each unit keeps in training
  std::string tied = "auto";        ///< decoder = encoder transposed: yes, no, or auto (yes for one layer)
  double init_scale = 0.01;         ///< standard deviation of the first weights
  void visit_options(OptionVisitor& visitor);
};

/// Units of each encoder layer, first to last. Throws InvalidArgument with the rule that the text breaks.
[[nodiscard]] std::vector<std::int64_t> parse_architecture(const std::string& text);

/// One linear layer with its rectifier: h = max(0, weight x + bias).
struct EncoderLayer {
  Tensor<float> weight;  ///< [units, inputs]
  Tensor<float> bias;    ///< [units]
};

/// Encoder layers, the competition over the last one, and a linear decoder x' = atoms^T z + decoder_bias.
struct Autoencoder {
  std::vector<EncoderLayer> encoder;
  Tensor<float> decoder_weight;  ///< [units, D], unit u's row is its atom; empty when tied
  Tensor<float> decoder_bias;    ///< [D]
  Tensor<float> thresholds;      ///< [units] running mean of each unit's smallest winner in training
  Rate lifetime;

  [[nodiscard]] bool tied() const { return decoder_weight.empty(); }
  [[nodiscard]] std::int64_t inputs() const { return encoder.front().weight.shape()[1]; }
  [[nodiscard]] std::int64_t units() const { return encoder.back().bias.size(); }
  /// [units, D] decoder rows: the encoder's own when tied.
  [[nodiscard]] ConstMatrixView<float> atoms() const;
};

/// What training measured in its last complete epoch; the same for every thread count.
struct TrainingSummary {
  std::int64_t epochs = 0;
  std::int64_t steps = 0;
  std::int64_t dead_units = 0;
  double loss = 0;
  double explained_variance = 0;
  double active_fraction = 0;
};

/// Everything needed to encode, reconstruct and verify, without any other file.
struct Model {
  Autoencoder network;
  Shape sample_shape;                          ///< {D}, {H,W} or {H,W,C}
  std::vector<std::string> class_names;        ///< of the data it was trained on; may be empty
  std::map<std::string, std::string> options;  ///< every `result` option, resolved
  std::string data_fingerprint;                ///< SHA-256 of the training samples
  std::vector<std::int64_t> usage;             ///< [units] winners in the last complete epoch
  TrainingSummary summary;
};

/// Fresh network, drawn from the seed. Throws InvalidArgument (architecture; tied with several layers).
[[nodiscard]] Model make_model(const ModelOptions& options, const Shape& sample_shape, std::uint64_t seed);

/// Starts a fresh network at the mean of its data: the first layer's biases make a mean sample land on 0, so
/// that every unit is active for about half of the samples and none is dead from the start; the decoder's
/// bias is the mean. Ours, not the paper's (docs/decisions/0003). mean: [inputs].
void centre_on(Autoencoder& network, std::span<const double> mean);

/// Saves atomically, the same bytes for the same model. Throws IoError.
void save_model(const std::filesystem::path& path, const Model& model);
/// `path` is a model file or a run folder with a model.safetensors. Throws IoError, DataError.
[[nodiscard]] Model load_model(const std::filesystem::path& path);
/// Throws DataError when a tensor's shape is wrong or a value is not finite.
void verify_model(const Model& model, const std::string& where);

/// Codes of test time: sparsity off, plain ReLU output. x [N, D] -> codes [N, units] (assigns).
/// A row depends on its own sample only, bit for bit.
void encode(const Context& context, const Model& model, ConstMatrixView<float> x, MatrixView<float> codes);

/// x' from the codes above their thresholds (ours, docs/math.md): x [N, D] -> out [N, D] (assigns).
void reconstruct(const Context& context, const Model& model, ConstMatrixView<float> x, MatrixView<float> out);

/// Units by falling usage (ties: lower unit first): the order of pictures.
[[nodiscard]] std::vector<std::int64_t> units_by_usage(const Model& model);

/// All numbers in the parameters.
[[nodiscard]] std::int64_t parameter_count(const Model& model);

}  // namespace wta
