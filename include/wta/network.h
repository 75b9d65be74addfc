#pragma once
/// The network of one stage: its weights, and what training does with them.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "wta/options.h"
#include "wta/tensor.h"

namespace wta {

/// What the weights belong to. An RBM is stored as a tied autoencoder of one fc layer: weight [M, D], hidden
/// biases [M], and the visible biases as the decoder's. Principal components are the rows of such a layer, of
/// orthonormal weights.
enum class NetworkKind { autoencoder, rbm, wta_rbm, pca };

/// What the last encoder layer does to W x + b; those below it are rectified.
enum class Activation { relu, sigmoid, identity };

/// One encoder layer: h = activation(weight * x + bias).
struct EncoderLayer {
  Tensor<float> weight;  ///< fc: [units, inputs]; conv: [maps, ky, kx, channels], a cross-correlation
  Tensor<float> bias;    ///< [units] or [maps]
};

/// How an RBM is trained: its Gibbs chains, and the pull of its weights towards 0.
struct ContrastiveDivergence {
  std::int64_t steps = 1;   ///< of a chain in each training step
  bool persistent = false;  ///< chains go on where the last training step left them, not at the data
  bool competing = false;   ///< wta-rbm: hidden units compete in the negative phase as in the positive
  double weight_decay = 0;
};

/// Competition between the units of each sample (k-sparse, Makhzani & Frey 2013): the k largest survive.
struct SampleSparsity {
  std::int64_t k = 0;      ///< 0: off
  std::int64_t start = 0;  ///< k of the first epoch, falling to k over the first half of the epochs; 0: k
  double code_factor = 1;  ///< codes keep this times k

  /// progress: complete epochs / all epochs.
  [[nodiscard]] std::int64_t k_at(double progress) const;
  /// Values that a code of `units` keeps.
  [[nodiscard]] std::int64_t k_of_code(std::int64_t units) const;
};

/// Sparsity by penalty: the loss grows by weight * sum over units of KL(target || mean activation over the
/// batch).
struct KlPenalty {
  double weight = 0;  ///< 0: off
  double target = 0.05;
};

/// Encoder layers, the competition over the last one, and a linear decoder.
struct Autoencoder {
  std::vector<EncoderLayer> encoder;
  Tensor<float> decoder_weight;  ///< fc: [units, D], empty when tied; conv: [maps, ky, kx, channels]
  Tensor<float> decoder_bias;    ///< fc: [D]; conv: [channels]
  Tensor<float> thresholds;      ///< [units] running mean of each unit's smallest winner in training
  NetworkKind kind = NetworkKind::autoencoder;
  Activation activation = Activation::relu;
  Rate lifetime;
  bool spatial = false;
  bool threshold_codes = false;  ///< codes keep what lies above thresholds, as decoding always does
  double input_dropout = 0;      ///< of training, as are the two above
  double hidden_dropout = 0;     ///< of the last encoder layer's activations
  ContrastiveDivergence divergence;
  SampleSparsity k_sparse;
  KlPenalty kl;
  Shape input_shape;  ///< fc: {D}; conv: {H,W,C}

  [[nodiscard]] bool rbm() const { return kind == NetworkKind::rbm || kind == NetworkKind::wta_rbm; }
  [[nodiscard]] bool tied() const { return decoder_weight.empty(); }
  [[nodiscard]] bool convolutional() const { return input_shape.size() == 3; }
  [[nodiscard]] std::int64_t inputs() const { return element_count(input_shape); }  ///< D
  /// Hidden units (fc) or feature maps (conv) of the last layer.
  [[nodiscard]] std::int64_t units() const { return encoder.back().bias.size(); }
  /// What an activation of the unit must exceed to count where there is no batch to compete in; 0 without
  /// competition.
  [[nodiscard]] float threshold(std::int64_t unit) const {
    const bool competes = spatial || threshold_codes || !lifetime.off;
    return competes ? std::max(0.0F, thresholds[unit]) : 0;
  }
  /// One decoder row per unit, its atom: [units, D] or [maps, ky * kx * channels]. The encoder's when tied.
  [[nodiscard]] ConstMatrixView<float> atoms() const;
  /// Shape of one atom: {D} or {ky,kx,channels}.
  [[nodiscard]] Shape atom_shape() const;
};

}  // namespace wta
