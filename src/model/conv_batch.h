#pragma once
/// The layers of a convolutional encoder over a whole batch, forward, with the maps that the way back needs.

#include <cstdint>
#include <vector>

#include "core/scratch_pool.h"
#include "kernels/maps.h"
#include "model/conv_encoder.h"

namespace wta {

/// Samples that one task of a pass by sample takes.
inline constexpr std::int64_t kConvSampleTile = 2;

class ConvBatch {
 public:
  /// The network must outlive this object and keep its shapes.
  ConvBatch(const Context& context, Autoencoder& network);

  void resize(std::int64_t samples);

  /// Runs all layers but the last on x [B, H*W*C].
  void forward_lower(ConstMatrixView<float> x);
  /// The last layer with spatial sparsity: value and position [B, maps].
  void forward_max(MatrixView<float> value, MatrixView<std::int32_t> position);
  /// The last layer's maps [B, H, W, maps], without a frame; kept in output(last layer).
  void forward_last();

  /// What `layer` reads, framed for it.
  [[nodiscard]] MapsView<float> input(std::size_t layer) { return view(layer); }
  [[nodiscard]] MapsView<float> output(std::size_t layer) { return view(layer + 1); }
  [[nodiscard]] const ConvEncoder& encoder() const { return encoder_; }

 private:
  [[nodiscard]] MapsView<float> view(std::size_t number) {
    return {maps_[number].data(), encoder_.maps(number), samples_};
  }

  Context context_;
  Autoencoder& network_;
  ConvEncoder encoder_;
  std::int64_t samples_ = 0;
  std::vector<Tensor<float>> maps_;  ///< [layer] what it reads; behind the last, its output if wanted
  ScratchPool scratch_;
};

}  // namespace wta
