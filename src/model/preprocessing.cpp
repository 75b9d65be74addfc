#include "wta/preprocessing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <span>

#include "core/parallel.h"
#include "kernels/linear_relu.h"
#include "model/local_contrast.h"
#include "model/normalize.h"
#include "model/whitening.h"
#include "wta/error.h"

namespace wta {
namespace {

using Kind = PreprocessStep::Kind;

constexpr std::int64_t kLargestWindow = 999;
constexpr std::int64_t kImageTile = 16;

[[noreturn]] void refuse(const std::string& rule, const std::string& text) {
  throw InvalidArgument(
      fmt::format("preprocess: {}; got '{}'. Try: none, normalize, normalize+local-mean13 or normalize+zca.",
                  rule, text));
}

std::int64_t parse_window(const std::string& digits, const std::string& text) {
  std::int64_t window = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), window);
  const bool number = code == std::errc{} && end == digits.data() + digits.size();
  if (number && window >= 3 && window <= kLargestWindow && window % 2 == 1) return window;
  refuse(fmt::format("a window is an odd number of positions from 3 to {}", kLargestWindow), text);
}

PreprocessStep parse_step(const std::string& step, const std::string& text) {
  if (step == "range") return {.kind = Kind::range};
  if (step == "normalize") return {.kind = Kind::normalize};
  if (step == "zca") return {.kind = Kind::zca};
  for (const auto& [name, kind] :
       {std::pair("local-mean", Kind::local_mean), std::pair("local-contrast", Kind::local_contrast)}) {
    if (!step.starts_with(name)) continue;
    return {.kind = kind, .window = parse_window(step.substr(std::string_view(name).size()), text)};
  }
  refuse("must be none, or range, normalize, local-meanN, local-contrastN and zca joined by +", text);
}

// A value that never changed in training says nothing: 0.
void scale_to_range(const Preprocessing& preprocessing, std::span<float> sample) {
  for (std::size_t d = 0; d < sample.size(); ++d) {
    const double lowest = preprocessing.lowest[static_cast<std::int64_t>(d)];
    const double width = preprocessing.highest[static_cast<std::int64_t>(d)] - lowest;
    const double part = width > 0 ? (static_cast<double>(sample[d]) - lowest) / width : 0;
    sample[d] = static_cast<float>(std::clamp(part, 0.0, 1.0));
  }
}

void fit_range(const SampleReader& samples, Preprocessing& preprocessing) {
  constexpr std::int64_t kBlock = 256;
  const std::int64_t size = element_count(samples.sample_shape);
  Tensor<float> block({kBlock, size});
  for (std::int64_t begin = 0; begin < samples.count; begin += kBlock) {
    const MatrixView<float> x = block.matrix().row_range(0, std::min(kBlock, samples.count - begin));
    samples.read(begin, x);
    if (begin == 0) {
      preprocessing.lowest = Tensor<float>({size}, x.row_span(0));
      preprocessing.highest = preprocessing.lowest;
    }
    for (std::int64_t i = 0; i < x.rows * size; ++i) {
      float& lowest = preprocessing.lowest[i % size];
      float& highest = preprocessing.highest[i % size];
      lowest = std::min(lowest, x.data[i]);
      highest = std::max(highest, x.data[i]);
    }
  }
}

void normalize(std::span<float> sample) {
  double sum = 0;
  for (const float x : sample) sum += static_cast<double>(x);
  const double mean = sum / static_cast<double>(sample.size());
  double squares = 0;
  for (const float x : sample) squares += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(sample.size()) + kVarianceOffset);
  for (float& x : sample) x = static_cast<float>((static_cast<double>(x) - mean) / deviation);
}

// The steps of one sample at a time, ready for samples of one shape.
class SampleSteps {
 public:
  SampleSteps(const Preprocessing& preprocessing, const Shape& sample_shape) : all_(preprocessing) {
    for (const PreprocessStep& step : all_.steps) {
      local_.push_back(step.window > 0 ? std::make_unique<LocalContrast>(sample_shape, step.window)
                                       : nullptr);
    }
  }

  void apply(std::span<float> sample) const {
    for (std::size_t s = 0; s < all_.steps.size(); ++s) {
      switch (all_.steps[s].kind) {
        case Kind::range:
          scale_to_range(all_, sample);
          break;
        case Kind::normalize:
          normalize(sample);
          break;
        case Kind::local_mean:
          local_[s]->subtract_mean(sample);
          break;
        case Kind::local_contrast:
          local_[s]->subtract_mean(sample);
          local_[s]->divide_by_deviation(sample);
          break;
        case Kind::zca:
          break;  // of whole tiles, behind all others
      }
    }
  }

 private:
  const Preprocessing& all_;
  std::vector<std::unique_ptr<LocalContrast>> local_;  ///< null for the steps that are not local
};

void apply_to_samples(const Context& context, const Preprocessing& preprocessing, const Shape& sample_shape,
                      MatrixView<float> x) {
  const SampleSteps steps(preprocessing, sample_shape);
  parallel_for_tiles(context, x.rows, kImageTile, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) steps.apply(x.row_span(n));
  });
}

void whiten(const Context& context, const Preprocessing& preprocessing, MatrixView<float> x) {
  parallel_for_tiles(context, x.rows, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
    Tensor<float> whitened({end - begin, x.cols});
    cpu::linear_by_sample(preprocessing.whitening.matrix(), preprocessing.whitening_bias.span(),
                          x.row_range(begin, end), whitened.matrix());
    for (std::int64_t n = begin; n < end; ++n)
      std::copy_n(whitened.matrix().row(n - begin), x.cols, x.row(n));
  });
}

}  // namespace

Preprocessing parse_preprocessing(const std::string& text) {
  Preprocessing result;
  if (text == "none") return result;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('+', begin), text.size());
    if (result.whitens()) refuse("zca can only be the last step", text);
    result.steps.push_back(parse_step(text.substr(begin, end - begin), text));
    if (result.steps.size() > 1 && result.steps.back().kind == Kind::range) {
      refuse("range can only be the first step", text);
    }
    begin = end + 1;
  }
  return result;
}

void require_preprocessable(const Preprocessing& preprocessing, const Shape& sample_shape) {
  const bool local =
      std::ranges::any_of(preprocessing.steps, [](const PreprocessStep& step) { return step.window > 0; });
  if (!local || sample_shape.size() >= 2) return;
  throw InvalidArgument(
      fmt::format("preprocess: local means need images [H,W] or [H,W,C]; got samples {}. Try: --image-size "
                  "HxW, or normalize.",
                  to_string(sample_shape)));
}

void fit_preprocessing(const Context& context, const SampleReader& samples, double epsilon,
                       Preprocessing& preprocessing) {
  if (preprocessing.ranges()) fit_range(samples, preprocessing);
  if (!preprocessing.whitens()) return;
  const std::int64_t size = element_count(samples.sample_shape);
  const Covariance covariance =
      covariance_of(context, samples.count, size, [&](std::int64_t begin, MatrixView<float> out) {
        samples.read(begin, out);
        apply_to_samples(context, preprocessing, samples.sample_shape, out);
      });
  const Tensor<double> matrix = whitening_matrix(covariance.matrix, epsilon);
  preprocessing.whitening = Tensor<float>({size, size});
  preprocessing.whitening_bias = Tensor<float>({size});
  for (std::int64_t i = 0; i < size; ++i) {
    double bias = 0;
    for (std::int64_t j = 0; j < size; ++j) {
      preprocessing.whitening.matrix()(i, j) = static_cast<float>(matrix.matrix()(i, j));
      bias -= matrix.matrix()(i, j) * covariance.mean[static_cast<std::size_t>(j)];
    }
    preprocessing.whitening_bias[i] = static_cast<float>(bias);
  }
}

void preprocess(const Context& context, const Preprocessing& preprocessing, const Shape& sample_shape,
                ConstMatrixView<float> x, MatrixView<float> out) {
  if (out.data != x.data) {
    for (std::int64_t n = 0; n < x.rows; ++n) std::copy_n(x.row(n), x.cols, out.row(n));
  }
  apply_to_samples(context, preprocessing, sample_shape, out);
  if (preprocessing.whitens()) whiten(context, preprocessing, out);
}

}  // namespace wta
