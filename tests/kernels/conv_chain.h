#pragma once
/// A convolution + rectifier, the competing convolution above it and a linear deconvolution towards a
/// target, of reference kernels in double: what training does, with winners and rectifier signs frozen.

#include "kernels/lifetime_selection.h"
#include "kernels/map_cases.h"
#include "kernels/paste_patches.h"
#include "kernels/spatial_selection.h"

namespace wta::testing {

/// out[n,p,o] = bias[o] + sum of w[o,:] * the patch of x around p.
inline Maps<double> convolve(const Maps<double>& x, const Tensor<double>& w, const Tensor<double>& bias,
                             std::int64_t kernel, const MapShape& shape) {
  Maps<double> out(shape, x.samples);
  const std::int64_t columns = kernel * x.shape.channels;
  for (std::int64_t n = 0; n < x.samples; ++n) {
    for (std::int64_t p = 0; p < shape.positions(); ++p) {
      for (std::int64_t o = 0; o < shape.channels; ++o) {
        double sum = bias[o];
        for (std::int64_t d = 0; d < kernel * columns; ++d) {
          const double* row = x.view().patch(n, p, kernel) + d / columns * x.shape.row_stride();
          sum += w.matrix()(o, d) * row[d % columns];
        }
        out.view().patch(n, p, 1)[o] = sum;
      }
    }
  }
  return out;
}

struct ConvChain {
  static constexpr std::int64_t kSamples = 5;
  static constexpr std::int64_t kHeight = 7;
  static constexpr std::int64_t kWidth = 6;
  static constexpr std::int64_t kChannels = 2;
  static constexpr std::int64_t kLower = 3;
  static constexpr std::int64_t kUnits = 4;
  static constexpr std::int64_t kLowerKernel = 3;
  static constexpr std::int64_t kKernel = 5;
  static constexpr std::int64_t kAtomKernel = 7;

  MapShape image = framed(kHeight, kWidth, kChannels, kAtomKernel);
  MapShape lower_shape = framed(kHeight, kWidth, kLower, kKernel);
  MapShape unit_shape = framed(kHeight, kWidth, kUnits, 1);
  Maps<double> x = random_maps<double>(image, kSamples, 1);
  Maps<double> target = random_maps<double>(image, kSamples, 2);
  Tensor<double> lower_weight = random_tensor<double>({kLower, kLowerKernel* kLowerKernel* kChannels}, 3);
  Tensor<double> lower_bias = random_tensor<double>({kLower}, 4);
  Tensor<double> encoder = random_tensor<double>({kUnits, kKernel* kKernel* kLower}, 5);
  Tensor<double> bias = random_tensor<double>({kUnits}, 6);
  Tensor<double> decoder = random_tensor<double>({kUnits, kAtomKernel* kAtomKernel* kChannels}, 7);
  Tensor<double> decoder_bias = random_tensor<double>({kChannels}, 8);

  [[nodiscard]] Maps<double> lower_sums() const {
    return convolve(x, lower_weight, lower_bias, kLowerKernel, lower_shape);
  }

  /// The lower layer's output where the rectifier passes what `signs` are positive.
  [[nodiscard]] Maps<double> lower(const Maps<double>& signs) const {
    Maps<double> h = lower_sums();
    for (std::size_t i = 0; i < h.values.size(); ++i) h.values[i] = signs.values[i] > 0 ? h.values[i] : 0;
    return h;
  }

  [[nodiscard]] Maps<double> sums(const Maps<double>& h) const {
    return convolve(h, encoder, bias, kKernel, unit_shape);
  }

  /// The winners of each unit: the largest of every map, and of those the `most` largest of the batch.
  [[nodiscard]] Winners<double> compete(std::int64_t most) const {
    Tensor<double> value({kSamples, kUnits});
    Tensor<std::int32_t> position({kSamples, kUnits});
    const Maps<double> h = sums(lower(lower_sums()));
    reference::select_spatial<double>(h.view(), value.matrix(), position.matrix());
    Tensor<double> by_unit({kUnits, kSamples});
    for (std::int64_t i = 0; i < value.size(); ++i) by_unit[i % kUnits * kSamples + i / kUnits] = value[i];
    Tensor<std::int32_t> sample({kUnits, most});
    Tensor<double> kept({kUnits, most});
    std::vector<std::int64_t> count(kUnits);
    reference::select_lifetime<double>(by_unit.matrix(), most, sample.matrix(), kept.matrix(), count);
    Winners<double> winners;
    winners.units = kUnits;
    winners.samples = kSamples;
    winners.offsets.push_back(0);
    for (std::int64_t u = 0; u < kUnits; ++u) {
      for (std::int64_t i = 0; i < count[u]; ++i) {
        winners.sample.push_back(sample.matrix()(u, i));
        winners.position.push_back(position.matrix()(winners.sample.back(), u));
        winners.value.push_back(kept.matrix()(u, i));
      }
      winners.offsets.push_back(winners.count());
    }
    winners.index_by_sample();
    return winners;
  }

  /// Reconstruction - target of given winners, 0 in the frame.
  [[nodiscard]] Maps<double> residual(const Winners<double>& winners) const {
    Maps<double> out(image, kSamples);
    reference::paste_patches<double>(winners, winners.value, decoder.matrix(), kAtomKernel, 0, kSamples,
                                     out.view());
    for (std::int64_t n = 0; n < kSamples; ++n) {
      for (std::int64_t p = 0; p < image.positions(); ++p) {
        for (std::int64_t c = 0; c < kChannels; ++c) {
          out.view().patch(n, p, 1)[c] += decoder_bias[c] - target.view().patch(n, p, 1)[c];
        }
      }
    }
    clear_frame(out.view());
    return out;
  }

  /// Half the squared error, mean over samples, with the given winners and signs of the lower layer.
  [[nodiscard]] double loss(Winners<double> winners, const Maps<double>& signs) const {
    const Maps<double> h = sums(lower(signs));
    for (std::int64_t w = 0; w < winners.count(); ++w) {
      winners.value[w] = h.view().patch(winners.sample[w], winners.position[w], 1)[winners.unit[w]];
    }
    double sum = 0;
    for (const double r : residual(winners).values) sum += r * r;
    return 0.5 * sum / kSamples;
  }
};

}  // namespace wta::testing
