#include "wta/classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "core/parallel.h"
#include "eval/svm_objective.h"
#include "eval/svm_reduction.h"
#include "eval/svm_selection.h"
#include "eval/svm_solver.h"
#include "wta/error.h"

namespace wta {
namespace {

void check_options(const SvmOptions& options) {
  if (options.candidates.empty()) {
    throw InvalidArgument("svm: at least one C is needed; got none. Try: candidates = {1}.");
  }
  for (std::size_t i = 0; i < options.candidates.size(); ++i) {
    const double C = options.candidates[i];
    if (!(C > 0) || !std::isfinite(C) || (i > 0 && C <= options.candidates[i - 1])) {
      throw InvalidArgument(
          fmt::format("svm: candidates for C must be positive, finite and ascending; got {}. Try: sort them.",
                      fmt::join(options.candidates, ", ")));
    }
  }
  if (std::isnan(options.largest_candidate)) {
    throw InvalidArgument("svm: largest_candidate must be a number; got NaN. Try: the default.");
  }
  const auto in_range = [](double tolerance) { return tolerance > 0 && tolerance < 1; };
  if (!in_range(options.tolerance) || !in_range(options.selection_tolerance) || options.max_iterations < 1) {
    throw InvalidArgument(
        fmt::format("svm: tolerances must lie in (0, 1) and max_iterations be at least 1; got {}, {} and {}. "
                    "Try: the defaults.",
                    options.tolerance, options.selection_tolerance, options.max_iterations));
  }
}

void check_data(ConstMatrixView<float> codes, std::span<const std::int32_t> labels, std::int64_t classes) {
  if (codes.rows != static_cast<std::int64_t>(labels.size()) || codes.rows == 0 || codes.cols == 0) {
    throw InvalidArgument(fmt::format(
        "svm: codes and labels must be as many, and not empty; got codes [{},{}] (samples,features), {} "
        "labels. Try: one label per sample.",
        codes.rows, codes.cols, labels.size()));
  }
  if (classes < 2) {
    throw InvalidArgument(fmt::format(
        "svm: at least two classes are needed; got {}. Try: data with labels of two or more classes.",
        classes));
  }
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) {
      throw InvalidArgument(
          fmt::format("svm: labels must lie in 0..{}; got {} at sample {}. Try: labels "
                      "counted from 0.",
                      classes - 1, labels[i], i));
    }
    ++counts[labels[i]];
  }
  const auto empty = std::find(counts.begin(), counts.end(), 0);
  if (empty != counts.end()) {
    throw InvalidArgument(fmt::format(
        "svm: every class must have a sample; got none of class {} among {} samples. Try: more labels per "
        "class.",
        empty - counts.begin(), labels.size()));
  }
}

/// Root mean square norm of the rows; 1 where all are zero.
double root_mean_square_norm(const Context& context, ConstMatrixView<float> codes) {
  std::vector<double> norms(static_cast<std::size_t>(codes.rows));
  parallel_for_tiles(context, codes.rows, 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto row = codes.row_span(i);
      norms[i] = std::inner_product(row.begin(), row.end(), row.begin(), 0.0);
    }
  });
  for (std::size_t i = 0; i < norms.size(); ++i) {
    if (!std::isfinite(norms[i])) {
      throw DataError(fmt::format(
          "svm: codes must be finite; got NaN or infinity in sample {}. Try: a model that did not diverge.",
          i));
    }
  }
  const double sum = std::accumulate(norms.begin(), norms.end(), 0.0);
  return sum > 0 ? std::sqrt(sum / static_cast<double>(codes.rows)) : 1.0;
}

std::vector<std::int32_t> best_classes(ConstMatrixView<float> scores) {
  std::vector<std::int32_t> best;
  for (std::int64_t i = 0; i < scores.rows; ++i) {
    const auto row = scores.row_span(i);
    best.push_back(static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  return best;
}

/// Weights of all classes, [classes, features+1], and the C that they belong to.
struct Fit {
  double C = 1;
  std::vector<double> weights;
};

/// One training: the path over C on every split, then the final fit.
class Training {
 public:
  Training(const Context& context, const SvmOptions& options, const SvmProgress& progress,
           const svm::Problem& problem)
      : context_(context), options_(options), progress_(progress), problem_(problem) {}

  Fit run() {
    std::vector<double> weights(static_cast<std::size_t>(problem_.parameters()));
    double C = options_.candidates.front();
    const auto splits = svm::selection_splits(problem_.labels, problem_.classes, context_.seed);
    status_.fits = 1;
    if (options_.candidates.size() > 1 && !splits.empty()) C = choose(splits, weights);
    fit(problem_, C, options_.tolerance, weights);
    return {C, std::move(weights)};
  }

 private:
  /// The C with the fewest errors on what is held out, and in `best_weights` the last split's weights for it.
  double choose(const std::vector<svm::Split>& splits, std::vector<double>& best_weights) {
    std::vector<std::vector<double>> weights(splits.size(), best_weights);
    svm::PathOverC path(options_.candidates, options_.largest_candidate);
    double best = options_.candidates.front();
    while (!path.ended()) {
      const double C = path.next();
      status_.fits = static_cast<int>(splits.size() * path.size()) + 1;
      if (!path.note(errors_held_out(splits, C, weights))) continue;
      best = C;
      best_weights = weights.back();
    }
    status_.fits = status_.fit + 1;
    return best;
  }

  /// Fits every split, each from its weights for the C before, and counts the errors.
  std::int64_t errors_held_out(const std::vector<svm::Split>& splits, double C,
                               std::vector<std::vector<double>>& weights) {
    const double tolerance = options_.selection_tolerance * (splits.size() == 1 ? 1 : 0.01);
    std::int64_t errors = 0;
    for (std::size_t s = 0; s < splits.size(); ++s) {
      svm::Problem train = problem_;
      train.samples = splits[s].train;
      fit(train, C, tolerance, weights[s]);
      errors += count_errors(splits[s].held_out, weights[s]);
    }
    return errors;
  }

  [[nodiscard]] std::int64_t count_errors(std::span<const std::int64_t> samples,
                                          std::span<const double> weights) const {
    svm::Problem held_out = problem_;
    held_out.samples = samples;
    Tensor<float> scores({static_cast<std::int64_t>(samples.size()), problem_.classes});
    svm::scores(context_, held_out, weights, scores.matrix());
    const auto predicted = best_classes(scores.matrix());
    std::int64_t errors = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      errors += predicted[i] != problem_.labels[samples[i]] ? 1 : 0;
    }
    return errors;
  }

  void fit(const svm::Problem& problem, double C, double tolerance, std::vector<double>& w) {
    ++status_.fit;
    status_.C = C;
    const auto report = [&](std::int64_t iteration, double objective) {
      status_.iteration = iteration;
      status_.objective = objective;
      if (progress_ && !progress_(status_)) {
        throw Interrupted("svm: training was stopped. Try: run it again, it starts over.");
      }
    };
    svm::solve(context_, problem, {C, tolerance, options_.max_iterations}, w, report);
  }

  const Context& context_;
  const SvmOptions& options_;
  const SvmProgress& progress_;
  const svm::Problem& problem_;
  SvmStatus status_;
};

/// The classifier on codes of `features`, from weights on those or on their reduction.
LinearClassifier make_classifier(const Context& context, const Fit& fit, std::int64_t classes,
                                 std::int64_t features, const svm::Reduction* reduction) {
  LinearClassifier classifier;
  classifier.weight = Tensor<float>({classes, features});
  classifier.bias = Tensor<float>({classes});
  classifier.C = fit.C;
  const std::size_t inputs = fit.weights.size() / static_cast<std::size_t>(classes);
  for (std::int64_t k = 0; k < classes; ++k) {
    const auto row = std::span(fit.weights).subspan(static_cast<std::size_t>(k) * inputs, inputs);
    const auto own = row.first(inputs - 1);
    const auto weights = reduction ? reduction->weights(context, own) : std::vector(own.begin(), own.end());
    std::transform(weights.begin(), weights.end(), classifier.weight.matrix().row(k),
                   [](double w) { return static_cast<float>(w); });
    classifier.bias[k] = static_cast<float>(row.back());
  }
  return classifier;
}

void check_sizes(std::string_view where, std::size_t predicted, std::size_t labels) {
  if (predicted == labels && labels > 0) return;
  throw InvalidArgument(fmt::format(
      "{}: predictions and labels must be as many, and not empty; got {} and {}. Try: one label per sample.",
      where, predicted, labels));
}

}  // namespace

LinearClassifier train_linear_svm(const Context& context, const SvmOptions& options,
                                  ConstMatrixView<float> codes, std::span<const std::int32_t> labels,
                                  std::int64_t classes, const SvmProgress& progress) {
  check_options(options);
  check_data(codes, labels, classes);
  std::vector<std::int64_t> all(labels.size());
  std::iota(all.begin(), all.end(), std::int64_t{0});
  const double code_scale = root_mean_square_norm(context, codes);
  std::optional<svm::Reduction> reduction;
  if (svm::Reduction::applies(codes)) reduction.emplace(context, codes, code_scale);
  const svm::Problem problem{reduction ? reduction->codes() : codes, labels, all, classes, code_scale};
  const Fit fit = Training(context, options, progress, problem).run();
  LinearClassifier classifier =
      make_classifier(context, fit, classes, codes.cols, reduction ? &*reduction : nullptr);
  classifier.code_scale = code_scale;
  return classifier;
}

std::vector<std::int32_t> LinearClassifier::predict(const Context& context,
                                                    ConstMatrixView<float> codes) const {
  if (weight.shape().size() != 2 || codes.cols != weight.row_size() || bias.size() != weight.row_count()) {
    throw InvalidArgument(fmt::format(
        "classifier: codes must have the features that it was trained on; got codes [{},{}] "
        "(samples,features), weights {} (classes,features). Try: codes of the same model and stages.",
        codes.rows, codes.cols, to_string(weight.shape())));
  }
  std::vector<double> w;
  for (std::int64_t k = 0; k < weight.row_count(); ++k) {
    const auto row = weight.matrix().row_span(k);
    w.insert(w.end(), row.begin(), row.end());
    w.push_back(bias[k]);
  }
  std::vector<std::int64_t> all(static_cast<std::size_t>(codes.rows));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  Tensor<float> scores({codes.rows, weight.row_count()});
  svm::scores(context, {codes, {}, all, weight.row_count(), code_scale}, w, scores.matrix());
  return best_classes(scores.matrix());
}

double error_fraction(std::span<const std::int32_t> predicted, std::span<const std::int32_t> labels) {
  check_sizes("error_fraction", predicted.size(), labels.size());
  std::int64_t errors = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) errors += predicted[i] != labels[i] ? 1 : 0;
  return static_cast<double>(errors) / static_cast<double>(labels.size());
}

Tensor<std::int64_t> confusion_matrix(std::span<const std::int32_t> predicted,
                                      std::span<const std::int32_t> labels, std::int64_t classes) {
  check_sizes("confusion_matrix", predicted.size(), labels.size());
  Tensor<std::int64_t> counts({classes, classes});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (std::min(labels[i], predicted[i]) < 0 || std::max(labels[i], predicted[i]) >= classes) {
      throw InvalidArgument(fmt::format(
          "confusion_matrix: classes must lie in 0..{}; got label {}, prediction {} at sample {}. Try: the "
          "number of classes of the classifier.",
          classes - 1, labels[i], predicted[i], i));
    }
    ++counts.matrix()(labels[i], predicted[i]);
  }
  return counts;
}

}  // namespace wta
