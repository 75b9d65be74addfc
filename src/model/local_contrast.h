#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "wta/tensor.h"

namespace wta {

/// Weights of one direction of a window, [window]: they sum to 1.
/// Math: w(d) = exp(-d^2 / s) / sum of them, s = ((window - 1) / 2)^2 / ln 100
[[nodiscard]] std::vector<float> gaussian_weights(std::int64_t window);

/// Local normalisation of images, channel by channel, with the Gaussian weights of a square window.
/// window: the product of gaussian_weights in both directions; outside the image values are 0.
class LocalContrast {
 public:
  /// window odd, >= 3.
  LocalContrast(const Shape& sample_shape, std::int64_t window);

  /// image [H,W,C] (in place): x - its local mean.
  void subtract_mean(std::span<float> image) const;
  /// image (in place): image / sqrt(1 + local mean of image^2).
  void divide_by_deviation(std::span<float> image) const;

 private:
  [[nodiscard]] std::vector<float> local_mean(std::span<const float> image) const;

  std::int64_t height_;
  std::int64_t width_;
  std::int64_t channels_;
  std::vector<float> weight_;  ///< [window] of one direction
};

}  // namespace wta
