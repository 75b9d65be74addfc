#pragma once
/// A trained (or fresh) winner-take-all autoencoder: what the model file holds and what it can do.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "wta/architecture.h"
#include "wta/context.h"
#include "wta/model_options.h"
#include "wta/network.h"
#include "wta/preprocessing.h"
#include "wta/tensor.h"

namespace wta {

/// Max-pooling of test-time maps: windows start at 0 and are clipped at the right and bottom edge, so the
/// pooled extent is ceil(extent / stride). A window of 0: none.
struct Pooling {
  std::int64_t window = 0;
  std::int64_t stride = 0;
};

/// What training measured in its last complete epoch; the same for every thread count.
struct TrainingSummary {
  std::int64_t epochs = 0;
  std::int64_t steps = 0;
  std::int64_t dead_units = 0;
  double loss = 0;
  double explained_variance = 0;
  double active_fraction = 0;  ///< winners / those that could be: one per unit and sample, or per position
};

/// One autoencoder of a stack, with what its training leaves behind.
struct Stage {
  Preprocessing preprocessing;  ///< of the first stage of a stack; empty in the others
  Autoencoder network;
  Pooling pooling;
  Shape sample_shape;                          ///< of its input: {D}, {H,W} or {H,W,C}
  std::map<std::string, std::string> options;  ///< every `result` option, resolved
  std::string data_fingerprint;                ///< SHA-256 of the samples that it was trained on
  std::vector<std::int64_t> usage;             ///< [units] winners in the last complete epoch
  TrainingSummary summary;

  /// Shape of one code: {units}, or {pooled H, pooled W, maps}.
  [[nodiscard]] Shape code_shape() const;
};

/// Everything needed to encode, reconstruct and verify, without any other file. Stages are trained greedily,
/// each on the codes of the one below; a single stage is the ordinary case.
struct Model {
  std::vector<Stage> stages;
  std::vector<std::string> class_names;  ///< of the data it was trained on; may be empty

  [[nodiscard]] Stage& top() { return stages.back(); }
  [[nodiscard]] const Stage& top() const { return stages.back(); }
};

/// Shape of a code of a stage with these (resolved) options: {units}, or {pooled H, pooled W, maps}.
[[nodiscard]] Shape code_shape(const ModelOptions& options, const Shape& sample_shape);

/// Which stages' codes to take.
struct StageChoice {
  bool all = false;         ///< all stages side by side, first to last
  std::int64_t stage = -1;  ///< this one, counted from 0; -1: the top one
};
/// "top", "all" or a stage counted from 1. Throws InvalidArgument.
[[nodiscard]] StageChoice parse_stage_choice(const std::string& text);

/// Fresh stage, drawn from the seed (and its place in the stack, so that stages differ). Throws
/// InvalidArgument like resolve.
[[nodiscard]] Stage make_stage(const ModelOptions& options, const Shape& sample_shape, std::uint64_t seed,
                               std::int64_t place = 0);
[[nodiscard]] Model make_model(const ModelOptions& options, const Shape& sample_shape, std::uint64_t seed);

/// Starts a fresh network at the mean of its data: the first layer's biases make a mean sample land on 0, so
/// that every unit is active for about half of the samples and none is dead from the start; the decoder's
/// bias is the mean (conv: the mean of each channel; an RBM: its log-odds, kept within 1% and 99%). Ours, not
/// the paper's (docs/decisions/0003). mean: [inputs].
void centre_on(Autoencoder& network, std::span<const double> mean);

/// Saves atomically, the same bytes for the same model. Throws IoError.
void save_model(const std::filesystem::path& path, const Model& model);
/// `path` is a model file or a run folder with a model.safetensors. Throws IoError, DataError.
[[nodiscard]] Model load_model(const std::filesystem::path& path);
/// The bytes of a model file, and the model in them; `where` is what messages name. Throws DataError.
[[nodiscard]] std::vector<std::byte> model_to_bytes(const Model& model);
[[nodiscard]] Model model_from_bytes(std::span<const std::byte> bytes, const std::string& where);
/// Throws DataError when a tensor's shape is wrong or a value is not finite.
void verify_model(const Model& model, const std::string& where);

/// Values in a code of the chosen stages. Throws InvalidArgument when the model has no such stage.
[[nodiscard]] std::int64_t code_size(const Model& model, const StageChoice& choice = {});
/// Codes of test time: sparsity off (or, with threshold_codes, what lies above the thresholds), the last
/// layer's output (of an RBM P(h|v)), maps max-pooled and flattened as [py][px][map]. x [N, D] -> codes [N,
/// code_size] (assigns). A row depends on its own sample only, bit for bit. A sum beyond the range of float
/// is an infinity; the tool refuses it.
void encode(const Context& context, const Model& model, ConstMatrixView<float> x, MatrixView<float> codes,
            const StageChoice& choice = {});

/// What the first layer reads: x [N, D] after the model's preprocessing -> out [N, D] (assigns; may be x).
void prepare(const Context& context, const Model& model, ConstMatrixView<float> x, MatrixView<float> out);

/// What prepare() gives, reconstructed from the first stage's codes above their thresholds (ours,
/// docs/math.md); with spatial sparsity each map's largest activation alone counts, which depends on that
/// sample alone. An RBM's is P(v|h) of those codes. samples [N, D] -> out [N, D] (assigns).
void reconstruct(const Context& context, const Model& model, ConstMatrixView<float> samples,
                 MatrixView<float> out);

/// Codes of the top stage back to what the first layer reads: codes [N, code_size] -> out [N, D] (assigns).
/// Stage by stage downwards, from the codes above their thresholds, as in reconstruct(). A pooled activation
/// stands in the middle of its window, and with spatial sparsity each map's largest one alone counts; ours,
/// where pooling has lost the positions. Throws DataError for other sizes.
void decode(const Context& context, const Model& model, ConstMatrixView<float> codes, MatrixView<float> out);

/// Units by falling usage (ties: lower unit first): the order of pictures.
[[nodiscard]] std::vector<std::int64_t> units_by_usage(const Stage& stage);

/// All numbers in the parameters.
[[nodiscard]] std::int64_t parameter_count(const Model& model);

}  // namespace wta
