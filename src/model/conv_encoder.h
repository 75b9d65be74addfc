#pragma once
/// The encoder of a convolutional network, ready to run over blocks of samples.

#include <cstdint>
#include <vector>

#include "kernels/conv_filters.h"
#include "kernels/maps.h"
#include "wta/context.h"
#include "wta/model.h"

namespace wta {

class ConvEncoder {
 public:
  /// Shapes alone; the network must outlive this object.
  explicit ConvEncoder(const Autoencoder& network);

  /// Takes the network's present weights: to be called before running, and again after every update.
  void prepare(const Context& context);

  [[nodiscard]] std::size_t layers() const { return filters_.size(); }
  /// The maps that a layer reads, framed for it; for layer = layers(), the last maps, without a frame.
  [[nodiscard]] const MapShape& maps(std::size_t layer) const { return maps_[layer]; }
  [[nodiscard]] const cpu::ConvShape& shape(std::size_t layer) const { return filters_[layer].shape(); }
  /// Samples that a call of `layer` takes at a time.
  [[nodiscard]] std::int64_t block_samples(std::size_t layer) const {
    return filters_[layer].block_samples();
  }
  /// Floats of scratch for any layer.
  [[nodiscard]] std::int64_t scratch_size() const;

  /// h = max(0, layer(x)) for some samples, on the calling thread.
  void run(std::size_t layer, ConstMapsView<float> x, MapsView<float> h, float* scratch) const;
  /// The last layer with spatial sparsity: largest activation of each map and its position, [samples, maps].
  void run_max(ConstMapsView<float> x, MatrixView<float> value, MatrixView<std::int32_t> position,
               float* scratch) const;

 private:
  const Autoencoder& network_;
  std::vector<cpu::ConvFilters> filters_;
  std::vector<MapShape> maps_;
};

/// Buffers to take a block of samples through the encoder.
class ConvBuffers {
 public:
  ConvBuffers(const ConvEncoder& encoder, std::int64_t samples);

  /// The maps that `layer` reads (layers(): the last maps) for `samples` samples.
  [[nodiscard]] MapsView<float> maps(std::size_t layer, std::int64_t samples);
  [[nodiscard]] float* scratch() { return scratch_.data(); }

 private:
  const ConvEncoder& encoder_;
  std::vector<Tensor<float>> maps_;  // zero-filled, so that frames are
  AlignedVector<float> scratch_;
};

/// Copies samples [n, H*W*C] into framed maps.
void copy_to_maps(ConstMatrixView<float> x, MapsView<float> maps);

}  // namespace wta
