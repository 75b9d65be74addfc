#pragma once
/// The layers of a convolutional encoder over a whole batch: forward, and the dense or touched way back below
/// the competition.

#include <cstdint>
#include <vector>

#include "core/object_pool.h"
#include "core/scratch_pool.h"
#include "kernels/conv_backward.h"
#include "kernels/row_sink.h"
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
  [[nodiscard]] MapsView<float> input(std::size_t layer) { return view(maps_, layer); }
  [[nodiscard]] MapsView<float> output(std::size_t layer) { return view(maps_, layer + 1); }
  /// Gradient at the output of `layer`, before its rectifier is taken into account.
  [[nodiscard]] MapsView<float> gradient(std::size_t layer) { return view(gradients_, layer + 1); }

  /// For samples [begin, end): from gradient(top) down to gradient(0), each masked by its rectifier, and the
  /// lists of the positions that are left. Reads weights only. gradient(l) for l < top must be 0.
  void propagate(std::size_t top, std::int64_t begin, std::int64_t end);
  /// Weight and bias rows of the layers 0 .. top, after propagate() of all samples.
  void send_rows(std::size_t top, RowSink<float>& sink);
  /// Sets gradient(0) .. gradient(top) of samples [begin, end) to 0.
  void clear_gradients(std::size_t top, std::int64_t begin, std::int64_t end);

 private:
  [[nodiscard]] MapsView<float> view(std::vector<Tensor<float>>& tensors, std::size_t number) {
    return {tensors[number].data(), encoder_.maps(number), samples_};
  }
  [[nodiscard]] PositionLists lists(std::size_t layer) const;

  Context context_;
  Autoencoder& network_;
  ConvEncoder encoder_;
  std::int64_t samples_ = 0;
  std::vector<Tensor<float>> maps_;       ///< [layer] what it reads; behind the last, its output if wanted
  std::vector<Tensor<float>> gradients_;  ///< the same shapes; the first stays empty
  std::vector<Tensor<std::int32_t>> touched_;             ///< [layer] positions of its output, [B, H*W]
  std::vector<std::vector<std::int64_t>> touched_count_;  ///< [layer][B]
  ScratchPool scratch_;
};

}  // namespace wta
