#pragma once
/// Linear support vector machine on codes, one against rest (method: docs/math.md).

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "wta/context.h"
#include "wta/tensor.h"

namespace wta {

struct SvmOptions {
  /// C to try, ascending; the best on held-out training data is used, ties to the smaller.
  std::vector<double> candidates = {0x1p-6, 0x1p-4, 0x1p-2, 1, 4, 16, 64, 256};
  /// Stop when the gradient's norm fell below this fraction of max(1, norm of the weights).
  double tolerance = 1e-4;
  std::int64_t max_iterations = 1000;
};

/// A trained classifier: class = argmax_c  weight[c,:] . (code / code_scale) + bias[c].
struct LinearClassifier {
  Tensor<float> weight;  ///< [classes, features], for scaled codes
  Tensor<float> bias;    ///< [classes]
  double code_scale = 1;
  double C = 1;
  std::vector<std::string> class_names;

  /// Class numbers of codes [samples, features]. Ties: lower class.
  [[nodiscard]] std::vector<std::int32_t> predict(const Context& context, ConstMatrixView<float> codes) const;
};

/// Called between iterations: message for the user, and whether to stop (true stops: Interrupted).
using SvmProgress = std::function<void(const std::string& message)>;

/// Minimises 1/2 |w|^2 + C sum max(0, 1 - y f)^2 for each class, bias as a regularised constant feature 1
/// (liblinear -s 2 -B 1), on codes divided by their root mean square norm. C is chosen on a stratified
/// sixth of the data held out (5-fold below 5,000 samples), then refitted on all.
/// codes [samples, features]; labels [samples] in 0 .. classes-1.
/// Throws InvalidArgument (sizes, fewer than two classes, a class without samples).
[[nodiscard]] LinearClassifier train_linear_svm(const Context& context, const SvmOptions& options,
                                                ConstMatrixView<float> codes,
                                                std::span<const std::int32_t> labels, std::int64_t classes,
                                                const SvmProgress& progress = {});

/// Share of samples whose predicted class differs, 0..1.
[[nodiscard]] double error_fraction(std::span<const std::int32_t> predicted,
                                    std::span<const std::int32_t> labels);

}  // namespace wta
