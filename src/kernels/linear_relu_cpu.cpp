#include <algorithm>
#include <limits>

#include "kernels/linear_relu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/linear_relu_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_rows-inl.h"
#include "kernels/simd_transpose-inl.h"

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

/// What the sums are raised to, where they are lower.
constexpr float kRectified = 0;
constexpr float kLinear = -std::numeric_limits<float>::infinity();

/// Some units of the layer, transposed so that a vector holds one input of kLanes units.
struct Panel {
  std::int64_t units = 0;       ///< <= kPanelUnits; the others are zero
  AlignedVector<float> weight;  ///< [D, kPanelUnits]
  float bias[kPanelUnits] = {};
  float lowest = kRectified;
};

inline void fill(Panel& panel, ConstMatrixView<float> w, std::span<const float> bias) {
  if (w.rows < kPanelUnits) std::fill(panel.weight.begin(), panel.weight.end(), 0.0F);
  panel.units = w.rows;
  transpose(w, panel.weight.data(), kPanelUnits);
  std::copy(bias.begin(), bias.end(), panel.bias);
}

/// sums [kSamples, kPanelUnits] = max(lowest, x w^T + bias), for the first kVectors vectors of the panel.
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
      hn::Store(hn::Max(biased, hn::Set(d, panel.lowest)), d, sums + s * kPanelUnits + j * kLanes);
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

void linear(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x, float lowest,
            Order order, MatrixView<float> h) {
  Panel panel;
  panel.lowest = lowest;
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
  linear(w, bias, x, kRectified, Order::by_unit, h);
}

void linear_relu_samples(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                         MatrixView<float> h) {
  linear(w, bias, x, kRectified, Order::by_sample, h);
}

void linear_units(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                  MatrixView<float> h) {
  linear(w, bias, x, kLinear, Order::by_unit, h);
}

void linear_samples(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                    MatrixView<float> h) {
  linear(w, bias, x, kLinear, Order::by_sample, h);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(linear_relu_units);
HWY_EXPORT(linear_relu_samples);
HWY_EXPORT(linear_units);
HWY_EXPORT(linear_samples);

namespace cpu {

void linear_relu_by_unit(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                         MatrixView<float> h) {
  HWY_DYNAMIC_DISPATCH(linear_relu_units)(w, bias, x, h);
}

void linear_relu_by_sample(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                           MatrixView<float> h) {
  HWY_DYNAMIC_DISPATCH(linear_relu_samples)(w, bias, x, h);
}

void linear_by_unit(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                    MatrixView<float> h) {
  HWY_DYNAMIC_DISPATCH(linear_units)(w, bias, x, h);
}

void linear_by_sample(ConstMatrixView<float> w, std::span<const float> bias, ConstMatrixView<float> x,
                      MatrixView<float> h) {
  HWY_DYNAMIC_DISPATCH(linear_samples)(w, bias, x, h);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
