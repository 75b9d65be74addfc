#include <algorithm>

#include "kernels/linear_relu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/linear_relu_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_rows-inl.h"

// Own product instead of oneDNN's sgemm: there the bits of an element change with the shape of the
// tile; here each is one chain of multiply-adds over d, ascending, whatever surrounds it.
HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Samples and vectors of units that are multiplied at a time: as many sums as the registers hold.
constexpr int kBlockSamples = kLanes >= 16 ? 8 : 6;
constexpr int kPanelVectors = kLanes >= 16 ? 3 : 2;
constexpr std::int64_t kPanelUnits = kPanelVectors * kLanes;

enum class Order { by_unit, by_sample };

/// out[c, r] = in[r, c] for a block of 4 x 4.
HWY_INLINE void transpose_4x4(const float* HWY_RESTRICT in, std::int64_t in_stride, float* HWY_RESTRICT out,
                              std::int64_t out_stride) {
#if HWY_TARGET == HWY_SCALAR
  for (int r = 0; r < 4; ++r) {
    for (int c = 0; c < 4; ++c) out[c * out_stride + r] = in[r * in_stride + c];
  }
#else
  const hn::FixedTag<float, 4> d;
  const hn::FixedTag<double, 2> pairs;
  const auto r0 = hn::LoadU(d, in), r1 = hn::LoadU(d, in + in_stride);
  const auto r2 = hn::LoadU(d, in + 2 * in_stride), r3 = hn::LoadU(d, in + 3 * in_stride);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, out);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, out + out_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, out + 2 * out_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, out + 3 * out_stride);
#endif
}

/// out[c, r] = in[r, c].
inline void transpose(ConstMatrixView<float> in, float* out, std::int64_t out_stride) {
  const std::int64_t rows4 = in.rows & ~std::int64_t{3};
  const std::int64_t cols4 = in.cols & ~std::int64_t{3};
  for (std::int64_t r = 0; r < rows4; r += 4) {
    for (std::int64_t c = 0; c < cols4; c += 4) {
      transpose_4x4(in.row(r) + c, in.stride, out + c * out_stride + r, out_stride);
    }
  }
  for (std::int64_t r = 0; r < in.rows; ++r) {
    for (std::int64_t c = r < rows4 ? cols4 : 0; c < in.cols; ++c) out[c * out_stride + r] = in(r, c);
  }
}

/// Some units of the layer, transposed so that a vector holds one input of kLanes units.
struct Panel {
  std::int64_t units = 0;       ///< <= kPanelUnits; the others are zero
  AlignedVector<float> weight;  ///< [D, kPanelUnits]
  float bias[kPanelUnits] = {};
};

inline void fill(Panel& panel, ConstMatrixView<float> w, std::span<const float> bias) {
  if (w.rows < kPanelUnits) std::fill(panel.weight.begin(), panel.weight.end(), 0.0F);
  panel.units = w.rows;
  transpose(w, panel.weight.data(), kPanelUnits);
  std::copy(bias.begin(), bias.end(), panel.bias);
}

/// sums [kSamples, kPanelUnits] = max(0, x w^T + bias), for the first kVectors vectors of the panel.
template <int kSamples, int kVectors>
HWY_INLINE void multiply_block(const Panel& panel, ConstMatrixView<float> x, std::int64_t first_sample,
                               float* HWY_RESTRICT sums) {
  const Floats d;
  FloatVector sum[kSamples][kVectors];
  const float* HWY_RESTRICT row[kSamples];
  for (int s = 0; s < kSamples; ++s) {
    row[s] = x.row(first_sample + s);
    for (int j = 0; j < kVectors; ++j) sum[s][j] = hn::Zero(d);
  }
  const float* HWY_RESTRICT weight = panel.weight.data();
  for (std::int64_t k = 0; k < x.cols; ++k, weight += kPanelUnits) {
    FloatVector w[kVectors];
    for (int j = 0; j < kVectors; ++j) w[j] = hn::Load(d, weight + j * kLanes);
    for (int s = 0; s < kSamples; ++s) {
      const FloatVector value = hn::Set(d, row[s][k]);
      for (int j = 0; j < kVectors; ++j) sum[s][j] = hn::MulAdd(value, w[j], sum[s][j]);
    }
  }
  for (int s = 0; s < kSamples; ++s) {
    for (int j = 0; j < kVectors; ++j) {
      const FloatVector biased = hn::Add(sum[s][j], hn::LoadU(d, panel.bias + j * kLanes));
      hn::Store(hn::Max(biased, hn::Zero(d)), d, sums + s * kPanelUnits + j * kLanes);
    }
  }
}

/// Multiplies `samples` <= kBlockSamples samples and returns how many of them were done.
template <int kVectors>
HWY_INLINE std::int64_t multiply_some(const Panel& panel, ConstMatrixView<float> x, std::int64_t first,
                                      float* HWY_RESTRICT sums) {
  const std::int64_t left = x.rows - first;
  if (left >= kBlockSamples) {
    multiply_block<kBlockSamples, kVectors>(panel, x, first, sums);
    return kBlockSamples;
  }
  if (left >= 4) {
    multiply_block<4, kVectors>(panel, x, first, sums);
    return 4;
  }
  if (left >= 2) {
    multiply_block<2, kVectors>(panel, x, first, sums);
    return 2;
  }
  multiply_block<1, kVectors>(panel, x, first, sums);
  return 1;
}

template <int kVectors>
void multiply_panel(const Panel& panel, ConstMatrixView<float> x, Order order, std::int64_t first_unit,
                    MatrixView<float> h) {
  HWY_ALIGN float sums[kBlockSamples * kPanelUnits];
  for (std::int64_t n = 0, done = 0; n < x.rows; n += done) {
    done = multiply_some<kVectors>(panel, x, n, sums);
    if (order == Order::by_unit) {
      transpose(ConstMatrixView<float>(sums, done, panel.units, kPanelUnits), h.row(first_unit) + n,
                h.stride);
    } else {
      for (std::int64_t s = 0; s < done; ++s) {
        std::copy_n(sums + s * kPanelUnits, panel.units, h.row(n + s) + first_unit);
      }
    }
  }
}

void linear_relu(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x, Order order,
                 MatrixView<float> h) {
  Panel panel;
  panel.weight.resize(static_cast<std::size_t>(x.cols * kPanelUnits));
  for (std::int64_t u = 0; u < w.rows; u += kPanelUnits) {
    const std::int64_t end = std::min(w.rows, u + kPanelUnits);
    fill(panel, w.row_range(u, end), bias.subspan(u, end - u));
    const std::int64_t vectors = (end - u + kLanes - 1) / kLanes;
    if (vectors == 1) {
      multiply_panel<1>(panel, x, order, u, h);
    } else if (vectors == 2) {
      multiply_panel<2>(panel, x, order, u, h);
    } else {
      multiply_panel<kPanelVectors>(panel, x, order, u, h);
    }
  }
}

void linear_relu_units(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                       MatrixView<float> h) {
  linear_relu(w, bias, x, Order::by_unit, h);
}

void linear_relu_samples(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                         MatrixView<float> h) {
  linear_relu(w, bias, x, Order::by_sample, h);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(linear_relu_units);
HWY_EXPORT(linear_relu_samples);

namespace cpu {

void linear_relu_by_unit(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                         MatrixView<float> h) {
  HWY_DYNAMIC_DISPATCH(linear_relu_units)(w, bias, x, h);
}

void linear_relu_by_sample(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                           MatrixView<float> h) {
  HWY_DYNAMIC_DISPATCH(linear_relu_samples)(w, bias, x, h);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
