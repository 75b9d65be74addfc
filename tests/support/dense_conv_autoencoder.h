#pragma once
/// A plain dense convolutional autoencoder in double, written for reading: what the convolutional training
/// steps, codes and reconstructions must equal.

#include <cstdint>
#include <vector>

#include "kernels/winners.h"
#include "support/dense_parameters.h"
#include "wta/model.h"

namespace wta::testing_support {

/// [sample][y][x][channel] in double; a position outside the image reads 0 and takes nothing.
struct DenseMaps {
  std::int64_t samples = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;
  std::vector<double> values;

  DenseMaps() = default;
  DenseMaps(std::int64_t n, std::int64_t h, std::int64_t w, std::int64_t c)
      : samples(n), height(h), width(w), channels(c), values(static_cast<std::size_t>(n * h * w * c)) {}
  /// Rows [samples, H*W*C] as images of `shape`, {H,W,C}.
  DenseMaps(ConstMatrixView<float> rows, const Shape& shape);

  [[nodiscard]] bool inside(std::int64_t y, std::int64_t x) const {
    return y >= 0 && y < height && x >= 0 && x < width;
  }
  [[nodiscard]] double& at(std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) {
    return values[static_cast<std::size_t>(((n * height + y) * width + x) * channels + c)];
  }
  [[nodiscard]] double at(std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) const {
    return values[static_cast<std::size_t>(((n * height + y) * width + x) * channels + c)];
  }
};

/// Max-pooling with windows that start at 0 and are clipped at the right and bottom edge; values in the order
/// [py][px][map], the order of codes.
[[nodiscard]] DenseMaps max_pool(const DenseMaps& maps, const Pooling& pooling);

/// The same network as a convolutional `Autoencoder`; the winners are a 0/1 mask over
/// [sample, position, map].
class DenseConvAutoencoder {
 public:
  explicit DenseConvAutoencoder(const Autoencoder& network);

  /// ReLU maps of the last layer, before any competition.
  const DenseMaps& encode(ConstMatrixView<float> x);
  /// The decoder on maps h.
  [[nodiscard]] DenseMaps decode(const DenseMaps& h) const;
  /// Forward and backward on x [B, H*W*C], mask * maps decoded; gradients are stored. Returns the loss.
  double step(ConstMatrixView<float> x, const DenseMaps& mask);

  /// 1 at the winners, 0 elsewhere; and 1 everywhere.
  [[nodiscard]] DenseMaps mask_of(const Winners<float>& winners) const;
  [[nodiscard]] DenseMaps full_mask(std::int64_t samples) const;

  /// Parameters in the order of wta::parameters().
  [[nodiscard]] std::vector<DenseParameter>& parameters() { return parameters_; }
  /// Maps of the last layer of the last step() or encode().
  [[nodiscard]] const DenseMaps& activations() const { return maps_.back(); }

 private:
  [[nodiscard]] const Dense& weight(std::size_t layer) const { return parameters_[2 * layer].value; }
  [[nodiscard]] const Dense& bias(std::size_t layer) const { return parameters_[2 * layer + 1].value; }
  void backward_encoder(DenseMaps grad);

  Shape input_;                        ///< {H,W,C}
  std::int64_t units_;                 ///< maps of the last layer
  std::vector<std::int64_t> kernels_;  ///< of the encoder's layers, then of the decoder
  std::vector<DenseParameter> parameters_;
  std::vector<DenseMaps> maps_;  ///< the input, then the output of each layer
};

}  // namespace wta::testing_support
