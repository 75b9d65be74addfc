#pragma once
/// The way back through the layers of a convolutional encoder, below the competition. A gradient is 0 where
/// no winner reaches, so each layer goes over the touched positions or, if they are many, over all of them.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/scratch_pool.h"
#include "kernels/conv_backward.h"
#include "kernels/row_sink.h"
#include "model/conv_batch.h"
#include "model/dense_conv_gradient.h"

namespace wta {

class ConvGradients {
 public:
  /// For layers 0 .. top of the batch, which must outlive this object, as must the network.
  ConvGradients(const Context& context, const Autoencoder& network, ConvBatch& batch, std::int64_t top);

  void resize(std::int64_t samples);

  /// Gradient at the output of layer `number`, to be filled for the top one. Its frame covers the patches of
  /// the layer above.
  [[nodiscard]] MapsView<float> at(std::int64_t number);
  /// Sets the gradient at a layer of samples [begin, end) to 0, frame included.
  void clear(std::int64_t number, std::int64_t begin, std::int64_t end);
  /// Once the gradient at a layer of samples [begin, end) is there: masks it by the rectifier, lists the
  /// positions that are left, and sets the frame to 0.
  void mask(std::int64_t number, std::int64_t begin, std::int64_t end);

  /// Whether layer `number` goes over every position, once its gradient is masked.
  [[nodiscard]] bool goes_dense(std::int64_t number) const;

  /// From the masked gradient of the top layer down to that of the first. Reads weights only.
  void propagate();
  /// Weight and bias rows of all layers, after propagate().
  void send_rows(RowSink<float>& sink);

 private:
  struct Layer {
    MapShape shape;
    Tensor<float> gradient;
    Tensor<std::int32_t> touched;              ///< positions, [B, H*W]
    std::vector<std::int64_t> count;           ///< of them, [B]
    std::unique_ptr<DenseConvGradient> dense;  ///< null: touched positions always
  };

  [[nodiscard]] const Layer& layer(std::int64_t number) const {
    return layers_[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] Layer& layer(std::int64_t number) { return layers_[static_cast<std::size_t>(number)]; }
  [[nodiscard]] ConstMatrixView<float> weight(std::int64_t number) const;
  [[nodiscard]] std::int64_t kernel(std::int64_t number) const;
  [[nodiscard]] ListedMaps<float> listed(std::int64_t number);
  void propagate_touched(std::int64_t number);
  void propagate_dense(std::int64_t number);
  void send_touched_rows(std::int64_t number, RowSink<float>& sink);

  Context context_;
  const Autoencoder& network_;
  ConvBatch& batch_;
  std::int64_t samples_ = 0;
  std::vector<Layer> layers_;
  ScratchPool scratch_;
};

}  // namespace wta
