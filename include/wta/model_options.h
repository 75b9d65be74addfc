#pragma once
/// What a network is to look like, before there is one.

#include <cstdint>
#include <string>

#include "wta/options.h"
#include "wta/tensor.h"

namespace wta {

/// What one stage looks like. `auto` follows the kind of the architecture (resolve).
struct ModelOptions {
  std::string preprocess = "none";    ///< of what the first stage reads: parse_preprocessing
  double zca_epsilon = 0.1;           ///< added to the variances that zca divides by
  std::string model = "autoencoder";  ///< autoencoder, rbm, wta-rbm or pca
  std::string arch = "1000fc";        ///< e.g. "2000fc", "1000fc-2000fc", "64conv5-64conv5-64deconv11"
  Rate lifetime{.automatic = true};   ///< share of the batch that each unit or map keeps in training
  std::string spatial = "auto";       ///< one winner per feature map and sample in training: yes, no, auto
  bool threshold_codes = false;       ///< codes of test time keep what lies above each unit's threshold
  std::string tied = "auto";          ///< decoder = encoder transposed: yes, no, auto
  std::string pool = "auto";          ///< max-pooling of the test-time maps: "5/3" (window/stride), off, auto
  double init_scale = 0;              ///< standard deviation of the first weights; 0: auto
  double input_dropout = 0;           ///< probability that training sets an input to 0
  double hidden_dropout = 0;          ///< probability that training drops an activation; without competition
  std::int64_t cd_steps = 1;          ///< of an RBM: steps of the Gibbs chain
  bool cd_persistent = false;         ///< of an RBM: chains go on from step to step
  std::string cd_competition = "both";  ///< of a wta-rbm: phases with competition, both or positive
  double weight_decay = 0;              ///< of an RBM: weight_decay * W is added to the gradient
  std::string activation = "auto";      ///< of the last encoder layer: relu, sigmoid, identity, auto
  std::int64_t k_sparse = 0;            ///< of each sample the k largest activations survive; 0: off
  double k_sparse_alpha = 1;            ///< codes keep the alpha * k largest
  std::int64_t k_sparse_start = 0;      ///< k of the first epoch; 0: k_sparse
  double kl_weight = 0;                 ///< of the KL penalty on mean activations of sigmoid units; 0: off
  double kl_target = 0.05;              ///< mean activation that it asks for
  void visit_options(OptionVisitor& visitor);
};

/// Whether the model is an RBM, with or without competition.
[[nodiscard]] inline bool is_rbm(const ModelOptions& options) {
  return options.model == "rbm" || options.model == "wta-rbm";
}

/// The options with every `auto` replaced: fc: lifetime 5%, tied if one layer, init_scale 0.01; conv:
/// spatial, lifetime 20%, pool 5/3 (3/2 for maps narrower than 20, off below 6), init_scale 0.05; rbm:
/// lifetime off, wta-rbm: 10%. Throws InvalidArgument when architecture, options and sample shape do not fit
/// together.
[[nodiscard]] ModelOptions resolve(ModelOptions options, const Shape& sample_shape);

}  // namespace wta
