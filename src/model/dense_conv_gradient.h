#pragma once
/// The gradient of one convolutional layer over every position, in Winograd's form: for batches whose winners
/// touch so many positions that going from one to the next takes longer.

#include <cstdint>

#include "core/scratch_pool.h"
#include "kernels/conv_filters.h"
#include "kernels/maps.h"
#include "kernels/row_sink.h"
#include "kernels/winograd_gradient.h"
#include "wta/context.h"
#include "wta/tensor.h"

namespace wta {

class DenseConvGradient {
 public:
  /// Whether a layer has this form: the kernel does, and there are enough channels on both sides.
  [[nodiscard]] static bool exists(const cpu::ConvShape& layer);
  /// Requires: exists(layer).
  explicit DenseConvGradient(const cpu::ConvShape& layer);

  /// The gradient of the layer's output, framed as both sums below read it; its frame must be 0.
  [[nodiscard]] MapShape gradient_shape() const;

  /// Whether it is expected to take less time than `touched` listed positions of so many samples.
  [[nodiscard]] bool pays(std::int64_t touched, std::int64_t samples) const;

  /// Takes the layer's present weights [out, kernel * kernel * in] for grad_input().
  void prepare(const Context& context, ConstMatrixView<float> weight);
  /// grad_x of some samples (assigns; its frame is left as it is), on the calling thread.
  void grad_input(ConstMapsView<float> grad, MapsView<float> grad_x, float* scratch) const;
  [[nodiscard]] std::int64_t input_scratch_size() const { return flipped_.scratch_size(); }

  /// Sends the layer's weight rows, and its bias gradient, of a batch.
  void send_rows(const Context& context, ConstMapsView<float> grad, ConstMapsView<float> x,
                 std::int64_t layer, RowSink<float>& sink);

 private:
  [[nodiscard]] std::int64_t output_tile() const;
  [[nodiscard]] std::int64_t output_tiles() const;
  [[nodiscard]] std::int64_t outputs_of(std::int64_t number) const;
  [[nodiscard]] std::int64_t groups() const;
  /// [groups][sums] of an output tile.
  [[nodiscard]] MatrixView<float> sums_of(std::int64_t number);
  void sum_up(const Context& context, ConstMapsView<float> grad, ConstMapsView<float> x);

  cpu::ConvFilters flipped_;  ///< from the outputs' gradients to the inputs'
  cpu::WinogradGradient weights_;
  Tensor<float> flipped_weight_;  ///< [in, kernel * kernel * out]
  Tensor<float> sums_;            ///< [output tiles, groups, sums]; empty until it is needed
  ScratchPool scratch_;
};

}  // namespace wta
