#pragma once
/// Linear support vector machine on codes, one against rest (method: docs/math.md).

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "wta/context.h"
#include "wta/tensor.h"

namespace wta {

struct SvmOptions {
  /// C to try, ascending; the best on held-out training data is used, ties to the smaller. The rest is not
  /// tried once errors have risen three times in a row.
  std::vector<double> candidates = {0x1p-6, 0x1p-4, 0x1p-2, 1, 4, 16, 64, 256};
  /// Where the last candidate is the best, C goes on by its last factor while the errors fall, to at most
  /// this; 0: not beyond the candidates.
  double largest_candidate = 0x1p16;
  /// Stop the final fit when its next step would gain less than this fraction of the objective, for every
  /// class, or where float32 ends.
  double tolerance = 1e-7;
  /// The same for the fits that choose C on a held-out sixth; a hundredth of it in the five folds, where a
  /// sample more or less decides.
  double selection_tolerance = 1e-4;
  /// Newton steps per fit; a fit that reaches it is used as it is.
  std::int64_t max_iterations = 1000;
};

/// A trained classifier: class = argmax_c  weight[c,:] . (code / code_scale) + bias[c].
struct LinearClassifier {
  Tensor<float> weight;  ///< [classes, features], for scaled codes
  Tensor<float> bias;    ///< [classes]
  double code_scale = 1;
  double C = 1;
  std::vector<std::string> class_names;
  std::string stages = "top";  ///< whose codes of a stack it reads (parse_stage_choice)

  /// Class numbers of codes [samples, features]. Ties: lower class.
  [[nodiscard]] std::vector<std::int32_t> predict(const Context& context, ConstMatrixView<float> codes) const;
};

/// Where the training stands.
struct SvmStatus {
  int fit = 0;   ///< 1 .. fits: one per C (and fold), then the final one
  int fits = 0;  ///< as far as known: rising errors end the choice of C early, falling ones prolong it
  double C = 0;
  std::int64_t iteration = 0;
  double objective = 0;  ///< summed over classes
};

/// Called after every iteration, on the caller's thread. Return false to stop: training then throws
/// Interrupted.
using SvmProgress = std::function<bool(const SvmStatus& status)>;

/// Minimises 1/2 |w|^2 + C sum max(0, 1 - y f)^2 for each class, bias as a regularised constant feature 1
/// (liblinear -s 2 -B 1), on codes divided by their root mean square norm. C is chosen on a stratified
/// sixth of the data held out (5-fold below 5,000 samples), then refitted on all.
/// codes [samples, features]; labels [samples] in 0 .. classes-1.
/// Throws InvalidArgument (sizes, fewer than two classes, a class without samples, bad options), DataError
/// (codes that are not finite), Interrupted. class_names of the result are empty.
[[nodiscard]] LinearClassifier train_linear_svm(const Context& context, const SvmOptions& options,
                                                ConstMatrixView<float> codes,
                                                std::span<const std::int32_t> labels, std::int64_t classes,
                                                const SvmProgress& progress = {});

/// Share of samples whose predicted class differs, 0..1.
[[nodiscard]] double error_fraction(std::span<const std::int32_t> predicted,
                                    std::span<const std::int32_t> labels);

/// counts[t,p] = samples of class t that were predicted as p. Throws InvalidArgument (sizes, a label outside
/// 0 .. classes-1).
[[nodiscard]] Tensor<std::int64_t> confusion_matrix(std::span<const std::int32_t> predicted,
                                                    std::span<const std::int32_t> labels,
                                                    std::int64_t classes);

/// Writes `classifier` as a safetensors file (docs/formats.md), atomically. Throws IoError.
void save_classifier(const std::filesystem::path& path, const LinearClassifier& classifier);

/// Throws IoError (missing, unreadable), DataError (not a classifier, or one that contradicts itself).
[[nodiscard]] LinearClassifier load_classifier(const std::filesystem::path& path);

}  // namespace wta
