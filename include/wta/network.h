#pragma once
/// The network of one stage: its weights, and what training does with them.

#include <cstdint>
#include <vector>

#include "wta/options.h"
#include "wta/tensor.h"

namespace wta {

/// What the weights belong to. An RBM is stored as a tied autoencoder of one fc layer: weight [M, D], hidden
/// biases [M], and the visible biases as the decoder's.
enum class NetworkKind { autoencoder, rbm, wta_rbm };

/// What the last encoder layer does to W x + b; those below it are rectified.
enum class Activation { relu, sigmoid };

/// One encoder layer: h = activation(weight * x + bias).
struct EncoderLayer {
  Tensor<float> weight;  ///< fc: [units, inputs]; conv: [maps, ky, kx, channels], a cross-correlation
  Tensor<float> bias;    ///< [units] or [maps]
};

/// How an RBM is trained: steps of the Gibbs chain, and the pull of its weights towards 0.
struct ContrastiveDivergence {
  std::int64_t steps = 1;
  double weight_decay = 0;
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
  double input_dropout = 0;   ///< of training, as are the two above
  double hidden_dropout = 0;  ///< of the last encoder layer's activations
  ContrastiveDivergence divergence;
  Shape input_shape;  ///< fc: {D}; conv: {H,W,C}

  [[nodiscard]] bool rbm() const { return kind != NetworkKind::autoencoder; }
  [[nodiscard]] bool tied() const { return decoder_weight.empty(); }
  [[nodiscard]] bool convolutional() const { return input_shape.size() == 3; }
  [[nodiscard]] std::int64_t inputs() const { return element_count(input_shape); }  ///< D
  /// Hidden units (fc) or feature maps (conv) of the last layer.
  [[nodiscard]] std::int64_t units() const { return encoder.back().bias.size(); }
  /// One decoder row per unit, its atom: [units, D] or [maps, ky * kx * channels]. The encoder's when tied.
  [[nodiscard]] ConstMatrixView<float> atoms() const;
  /// Shape of one atom: {D} or {ky,kx,channels}.
  [[nodiscard]] Shape atom_shape() const;
};

}  // namespace wta
