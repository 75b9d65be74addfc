#include <algorithm>

#include "kernels/winograd_gradient.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/winograd_gradient_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/conv_paths.h"
#include "kernels/patch_product-inl.h"
#include "kernels/winograd_tiles-inl.h"

#ifndef WTA_KERNELS_WINOGRAD_GRADIENT_LAYOUT_
#define WTA_KERNELS_WINOGRAD_GRADIENT_LAYOUT_
namespace wta::cpu {

/// Sums and scratch in memory, whatever the instruction set.
struct WinogradGradientLayout {
  WinogradGradientLayout(const WinogradGradient& gradient, std::int64_t outputs)
      : frequencies(gradient.frequencies()),
        columns(ceil_div(gradient.shape().in, kChunk) * kChunk),
        rows(ceil_div(outputs, kChunk) * kChunk),
        input_stride(spread(WinogradGradient::kTiles * columns)),
        gradient_stride(spread(WinogradGradient::kTiles * rows)) {}

  std::int64_t frequencies;
  std::int64_t columns;       ///< input channels, in whole vectors
  std::int64_t rows;          ///< outputs, in whole vectors
  std::int64_t input_stride;  ///< of the transformed inputs [frequency][column block][tile][its vectors]
  std::int64_t
      gradient_stride;  ///< of the transformed gradients [frequency][vector of outputs][tile][kLanes]

  /// Sums: [frequency][row][column], then the bias [row].
  [[nodiscard]] std::int64_t sum_stride() const { return rows * columns; }
  [[nodiscard]] std::int64_t bias_offset() const { return frequencies * sum_stride(); }
  [[nodiscard]] std::int64_t sums_size() const { return bias_offset() + rows; }
  [[nodiscard]] std::int64_t scratch_size() const { return frequencies * (input_stride + gradient_stride); }
};

/// What a call of add() works on.
struct WinogradGradientCall {
  const WinogradGradient& gradient;
  ConstMapsView<float> grad;
  ConstMapsView<float> x;
  std::int64_t begin;
  std::int64_t end;
  float* sums;
  float* scratch;
};

/// What a call of finish() works on.
struct WinogradRowsCall {
  const WinogradGradient& gradient;
  ConstMatrixView<float> sums;
  std::int64_t outputs;
  std::int64_t begin;
  std::int64_t end;
  MatrixView<float> grad_w;
  std::span<float> grad_bias;
};

}  // namespace wta::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Blocks of columns of nearly equal numbers of vectors, as many as the product holds in registers.
struct ColumnBlocks {
  explicit ColumnBlocks(std::int64_t in)
      : vectors(cpu::ceil_div(in, kLanes)),
        width(cpu::ceil_div(vectors, cpu::ceil_div(vectors, std::int64_t{kBlockVectors}))) {}
  /// Vectors of the block that begins with `first`.
  [[nodiscard]] std::int64_t of(std::int64_t first) const { return std::min(width, vectors - first); }
  std::int64_t vectors;
  std::int64_t width;
};

/// One vector of outputs of all tiles: factors of kBlockRows outputs, from `factor` on.
struct FactorsOfLanes {
  const float* factor;
  HWY_INLINE float operator()(std::int64_t tile, int row) const { return factor[tile * kLanes + row]; }
};

template <int m, int k>
class GradientSum {
 public:
  explicit GradientSum(const cpu::WinogradGradientCall& call)
      : call_(call),
        layout_(call.gradient, call.end - call.begin),
        grid_(call.gradient.shape(), m),
        blocks_(call.gradient.shape().in),
        inputs_(call.scratch),
        gradients_(call.scratch + layout_.frequencies * layout_.input_stride) {}

  void add_all() {
    const std::int64_t tiles = call_.x.samples * grid_.tiles();
    for (first_ = 0; first_ < tiles; first_ += cpu::WinogradGradient::kTiles) {
      tiles_ = std::min(cpu::WinogradGradient::kTiles, tiles - first_);
      transform_inputs_of_tiles();
      transform_gradients_of_tiles();
      for (std::int64_t f = 0; f < layout_.frequencies; ++f) multiply(f);
    }
  }

 private:
  void transform_inputs_of_tiles() {
    constexpr std::int64_t kRadius = (k - 1) / 2;
    for (std::int64_t v = 0; v < blocks_.vectors; ++v) {
      const std::int64_t first = v / blocks_.width * blocks_.width;
      for (std::int64_t t = 0; t < tiles_; ++t) {
        const Tile tile(grid_, first_ + t);
        float* to = inputs_ + (first * tiles_ + t * blocks_.of(first) + v - first) * kLanes;
        transform_inputs<m, k>(call_.x.shape,
                               call_.x.at(tile.sample, tile.y - kRadius, tile.x - kRadius) + v * kLanes,
                               call_.x.shape.channels - v * kLanes, {to, layout_.input_stride});
      }
    }
  }

  /// The point 1 in both directions gives the sum of a tile's gradients: those of the bias.
  void transform_gradients_of_tiles() {
    constexpr std::int64_t kOnes = (m + k - 1) + 1;
    const Floats d;
    for (std::int64_t o = call_.begin; o < call_.end; o += kLanes) {
      float* first = gradients_ + (o - call_.begin) * tiles_;
      float* bias = call_.sums + layout_.bias_offset() + o - call_.begin;
      FloatVector sum = hn::Load(d, bias);
      for (std::int64_t t = 0; t < tiles_; ++t) {
        const Tile tile(grid_, first_ + t);
        float* to = first + t * kLanes;
        transform_gradients<m, k>(call_.grad.shape, call_.grad.at(tile.sample, tile.y, tile.x) + o,
                                  call_.end - o, {to, layout_.gradient_stride});
        sum = hn::Add(sum, hn::Load(d, to + kOnes * layout_.gradient_stride));
      }
      hn::Store(sum, d, bias);
    }
  }

  /// The sums of a frequency.
  void multiply(std::int64_t f) const {
    float* sums = call_.sums + f * layout_.sum_stride();
    const float* gradients = gradients_ + f * layout_.gradient_stride;
    for (std::int64_t v = 0; v < blocks_.vectors; v += blocks_.width) {
      const ColumnBlock block{0, v * kLanes, blocks_.of(v) * kLanes};
      const float* packed = inputs_ + f * layout_.input_stride + v * tiles_ * kLanes;
      for (std::int64_t row = 0; row < call_.end - call_.begin; row += kBlockRows) {
        float* out[kBlockRows];
        for (int r = 0; r < kBlockRows; ++r) out[r] = sums + (row + r) * layout_.columns;
        const FactorsOfLanes factors{gradients + row / kLanes * kLanes * tiles_ + row % kLanes};
        add_product({tiles_, nullptr, 0, kBlockRows, out, 0}, block, factors, packed);
      }
    }
  }

  const cpu::WinogradGradientCall& call_;
  cpu::WinogradGradientLayout layout_;
  cpu::TileGrid grid_;
  ColumnBlocks blocks_;
  float* inputs_;
  float* gradients_;
  std::int64_t first_ = 0;
  std::int64_t tiles_ = 0;
};

/// One output's weights for kLanes input channels, from what all calls summed.
template <int m, int k>
void finish_vector(const cpu::WinogradRowsCall& call, const cpu::WinogradGradientLayout& layout,
                   std::int64_t output, std::int64_t channel, float* HWY_RESTRICT row) {
  constexpr int kSide = m + k - 1;
  const Floats d;
  const std::int64_t in = call.gradient.shape().in;
  const std::int64_t offset = output * layout.columns + channel;
  transform_both<kSide, k>(
      [&](int i, int j) {
        FloatVector sum = hn::Zero(d);
        for (std::int64_t n = 0; n < call.sums.rows; ++n) {
          sum = hn::Add(sum, hn::Load(d, call.sums.row(n) + (i * kSide + j) * layout.sum_stride() + offset));
        }
        return hn::Mul(sum, hn::Set(d, filter_scale<kSide>(i) * filter_scale<kSide>(j)));
      },
      [](const FloatVector* x, FloatVector* y) { transform_output<kSide, k>(x, y); },
      [&](int i, const FloatVector* taps) {
        for (int j = 0; j < k; ++j) {
          float* to = row + (i * k + j) * in + channel;
          in - channel >= kLanes ? hn::StoreU(taps[j], d, to) : store_part(taps[j], to, in - channel);
        }
      });
}

void add_gradient(const cpu::WinogradGradientCall& call) {
  with_size(call.gradient.shape().kernel, call.gradient.tile(),
            [&]<int m, int k>() { GradientSum<m, k>(call).add_all(); });
}

void finish_gradient(const cpu::WinogradRowsCall& call) {
  const cpu::WinogradGradientLayout layout(call.gradient, call.outputs);
  with_size(call.gradient.shape().kernel, call.gradient.tile(), [&]<int m, int k>() {
    for (std::int64_t o = call.begin; o < call.end; ++o) {
      for (std::int64_t c = 0; c < call.gradient.shape().in; c += kLanes)
        finish_vector<m, k>(call, layout, o, c, call.grad_w.row(o - call.begin));
    }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(add_gradient);
HWY_EXPORT(finish_gradient);

namespace cpu {

WinogradGradient::WinogradGradient(const ConvShape& shape, std::int64_t tile) : shape_(shape), tile_(tile) {}

std::int64_t WinogradGradient::sums_size(std::int64_t outputs) const {
  return WinogradGradientLayout(*this, outputs).sums_size();
}

std::int64_t WinogradGradient::scratch_size(std::int64_t outputs) const {
  return WinogradGradientLayout(*this, outputs).scratch_size();
}

void WinogradGradient::add(ConstMapsView<float> grad, ConstMapsView<float> x, std::int64_t begin,
                           std::int64_t end, float* sums, float* scratch) const {
  HWY_DYNAMIC_DISPATCH(add_gradient)({*this, grad, x, begin, end, sums, scratch});
}

void WinogradGradient::finish(ConstMatrixView<float> sums, std::int64_t outputs, std::int64_t begin,
                              std::int64_t end, MatrixView<float> grad_w, std::span<float> grad_bias) const {
  HWY_DYNAMIC_DISPATCH(finish_gradient)({*this, sums, outputs, begin, end, grad_w, grad_bias});
  const std::int64_t bias = WinogradGradientLayout(*this, outputs).bias_offset();
  for (std::int64_t o = begin; o < end; ++o) {
    float sum = 0;
    for (std::int64_t n = 0; n < sums.rows; ++n) sum += sums(n, bias + o);
    grad_bias[static_cast<std::size_t>(o - begin)] = sum;
  }
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
