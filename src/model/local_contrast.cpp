#include "model/local_contrast.h"

#include <algorithm>
#include <cmath>

namespace wta {
namespace {

// out += the weighted sum along one axis: `lines` lines of `length` elements of `size` values each, zeros
// around.
void smooth(std::span<const float> weight, const float* in, std::int64_t length, std::int64_t size,
            float* out) {
  const std::int64_t radius = std::ssize(weight) / 2;
  for (std::int64_t i = 0; i < length; ++i) {
    float* to = out + i * size;
    const std::int64_t first = std::max(i - radius, std::int64_t{0});
    const std::int64_t last = std::min(i + radius, length - 1);
    for (std::int64_t j = first; j <= last; ++j) {
      const float w = weight[static_cast<std::size_t>(j - i + radius)];
      const float* from = in + j * size;
      for (std::int64_t k = 0; k < size; ++k) to[k] += w * from[k];
    }
  }
}

}  // namespace

std::vector<float> gaussian_weights(std::int64_t window) {
  const std::int64_t extent = (window - 1) / 2;
  const auto radius = static_cast<double>(extent);
  const double scale = radius * radius / std::log(100.0);
  double sum = 0;
  std::vector<double> wide;
  for (double d = -radius; d <= radius; ++d) {
    wide.push_back(std::exp(-d * d / scale));
    sum += wide.back();
  }
  std::vector<float> weights;
  for (const double w : wide) weights.push_back(static_cast<float>(w / sum));
  return weights;
}

LocalContrast::LocalContrast(const Shape& sample_shape, std::int64_t window)
    : height_(sample_shape[0]),
      width_(sample_shape[1]),
      channels_(sample_shape.size() == 3 ? sample_shape[2] : 1),
      weight_(gaussian_weights(window)) {}

std::vector<float> LocalContrast::local_mean(std::span<const float> image) const {
  const std::int64_t row = width_ * channels_;
  std::vector<float> rows(image.size());
  std::vector<float> mean(image.size());
  for (std::int64_t y = 0; y < height_; ++y)
    smooth(weight_, image.data() + y * row, width_, channels_, rows.data() + y * row);
  smooth(weight_, rows.data(), height_, row, mean.data());
  return mean;
}

void LocalContrast::subtract_mean(std::span<float> image) const {
  const std::vector<float> mean = local_mean(image);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] -= mean[i];
}

void LocalContrast::divide_by_deviation(std::span<float> image) const {
  std::vector<float> squares(image.size());
  for (std::size_t i = 0; i < image.size(); ++i) squares[i] = image[i] * image[i];
  const std::vector<float> mean = local_mean(squares);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] /= std::sqrt(1.0F + mean[i]);
}

}  // namespace wta
