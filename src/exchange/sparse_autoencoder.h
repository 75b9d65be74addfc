#pragma once
/// A network of one layer as SAELens and sparsify know it.

#include <cstdint>
#include <string>

#include "wta/model.h"

namespace wta {

/// Code: f = max(0, encoder x + encoder_bias), of which the k largest or those above their thresholds count;
/// reconstruction: decoder^T f + decoder_bias. M units, D inputs.
struct SparseAutoencoder {
  Tensor<float> encoder;       ///< [M, D]
  Tensor<float> encoder_bias;  ///< [M]
  Tensor<float> decoder;       ///< [M, D]
  Tensor<float> decoder_bias;  ///< [D]
  Tensor<float> thresholds;    ///< [M]; empty: none
  std::int64_t k = 0;          ///< 0: all

  [[nodiscard]] std::int64_t units() const { return encoder_bias.size(); }
  [[nodiscard]] std::int64_t inputs() const { return decoder_bias.size(); }
};

/// Lifetime sparsity becomes thresholds, so that a code does not depend on the batch; k of a k-sparse network
/// that of its codes. Throws InvalidArgument (begins with `format`) for what the formats cannot say: several
/// stages or layers, maps, RBMs, principal components, other units than rectified or k-sparse ones,
/// preprocessing.
[[nodiscard]] SparseAutoencoder to_sparse_autoencoder(const Model& model, const std::string& format);

/// The model whose codes are f. `where` is what messages name. Throws DataError for values that are not
/// finite.
[[nodiscard]] Model to_model(const SparseAutoencoder& dictionary, const std::string& where);

/// The input is read as it is: encoder (x - decoder_bias) + bias = encoder x + (bias - encoder decoder_bias).
void subtract_decoder_bias(SparseAutoencoder& dictionary);
/// The bias of an encoder that reads x - decoder_bias. Throws DataError where it is beyond float32.
[[nodiscard]] Tensor<float> bias_of_centred_input(const SparseAutoencoder& dictionary);

/// [rows, cols] -> [cols, rows].
[[nodiscard]] Tensor<float> transposed(const Tensor<float>& matrix);

}  // namespace wta
