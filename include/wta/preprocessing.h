#pragma once
/// What happens to a sample before the first layer reads it. It travels in the model, so that encoding new
/// data needs nothing else.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "wta/context.h"
#include "wta/tensor.h"

namespace wta {

/// One step; x is the sample, values as they are read (images in 0..1).
struct PreprocessStep {
  enum class Kind {
    range,       ///< (x - lowest) / (highest - lowest), value by value over the training samples; cut to 0..1
    normalize,   ///< (x - mean) / sqrt(variance + 10 / 255^2), over all values of the sample
    local_mean,  ///< x - local mean: Gaussian weights, channel by channel, zeros around the image
    local_contrast,  ///< v = x - local mean, then v / sqrt(1 + local mean of v^2)
    zca,             ///< (C + epsilon I)^(-1/2) (x - mean), mean and covariance C of the training samples
  };
  Kind kind = Kind::normalize;
  std::int64_t window = 0;  ///< of the local ones, positions a side
};

/// Steps in order and what is fitted on training samples; empty: samples are read as they are.
struct Preprocessing {
  std::vector<PreprocessStep> steps;
  Tensor<float> lowest;          ///< [D] of the training samples; empty without range
  Tensor<float> highest;         ///< [D]
  Tensor<float> whitening;       ///< [D, D], symmetric; empty without zca
  Tensor<float> whitening_bias;  ///< [D] = -whitening * mean

  [[nodiscard]] bool empty() const { return steps.empty(); }
  [[nodiscard]] bool ranges() const {
    return !steps.empty() && steps.front().kind == PreprocessStep::Kind::range;
  }
  [[nodiscard]] bool whitens() const {
    return !steps.empty() && steps.back().kind == PreprocessStep::Kind::zca;
  }
};

/// "none", or steps joined by +: range, normalize, local-meanN, local-contrastN, zca (N the window, odd).
/// range may only be the first, zca the last. "normalize+local-mean13", "normalize+zca". Throws
/// InvalidArgument.
[[nodiscard]] Preprocessing parse_preprocessing(const std::string& text);

/// Throws InvalidArgument when a step does not suit samples of that shape ({D}, {H,W} or {H,W,C}).
void require_preprocessable(const Preprocessing& preprocessing, const Shape& sample_shape);

/// Samples to fit on.
struct SampleReader {
  std::int64_t count = 0;
  Shape sample_shape;
  std::function<void(std::int64_t begin, MatrixView<float> out)> read;  ///< samples [begin, begin + out.rows)
};

/// Fits the range, and the whitening on samples that went through the other steps, where there are such. Same
/// bits for any number of threads. Memory of whitening: [D, D] in double three times. Time: D^3, about half a
/// minute for D = 3,072. Source: method as of Coates, Lee & Ng 2011 (normalisation, ZCA), Makhzani & Frey
/// 2015.
void fit_preprocessing(const Context& context, const SampleReader& samples, double epsilon,
                       Preprocessing& preprocessing);

/// x [N, D] -> out [N, D] (assigns; may be x itself). A row depends on its own sample only, bit for bit.
void preprocess(const Context& context, const Preprocessing& preprocessing, const Shape& sample_shape,
                ConstMatrixView<float> x, MatrixView<float> out);

}  // namespace wta
