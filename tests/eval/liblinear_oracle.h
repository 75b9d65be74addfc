#pragma once
/// liblinear -s 2 -B 1, one class against the rest, to a tight tolerance.

#include <linear.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "eval/svm_objective.h"
#include "wta/tensor.h"

namespace wta::test {

/// Codes / scale in double.
inline Tensor<double> scaled(ConstMatrixView<float> codes, double scale) {
  Tensor<double> out({codes.rows, codes.cols});
  for (std::int64_t n = 0; n < codes.rows; ++n) {
    for (std::int64_t d = 0; d < codes.cols; ++d) out.matrix()(n, d) = codes(n, d) / scale;
  }
  return out;
}

inline double rms_norm(ConstMatrixView<float> codes) {
  double sum = 0;
  for (std::int64_t n = 0; n < codes.rows; ++n) {
    for (const float x : codes.row_span(n)) sum += static_cast<double>(x) * x;
  }
  return std::sqrt(sum / static_cast<double>(codes.rows));
}

/// Weights [classes, features+1].
inline std::vector<double> liblinear_weights(ConstMatrixView<double> codes,
                                             std::span<const std::int32_t> labels, std::int64_t classes,
                                             double C, double eps) {
  std::vector<std::vector<feature_node>> nodes(static_cast<std::size_t>(codes.rows));
  std::vector<feature_node*> rows;
  for (std::int64_t n = 0; n < codes.rows; ++n) {
    for (std::int64_t d = 0; d < codes.cols; ++d) {
      if (codes(n, d) != 0) nodes[n].push_back({static_cast<int>(d + 1), codes(n, d)});
    }
    nodes[n].push_back({static_cast<int>(codes.cols + 1), 1});
    nodes[n].push_back({-1, 0});
    rows.push_back(nodes[n].data());
  }
  set_print_string_function([](const char*) {});
  std::vector<double> weights;
  for (std::int64_t k = 0; k < classes; ++k) {
    std::vector<double> y;
    for (const std::int32_t label : labels) y.push_back(label == k ? 1 : -1);
    problem data{};
    data.l = static_cast<int>(codes.rows);
    data.n = static_cast<int>(codes.cols + 1);
    data.y = y.data();
    data.x = rows.data();
    data.bias = 1;
    parameter options{};
    options.solver_type = L2R_L2LOSS_SVC;
    options.eps = eps;
    options.C = C;
    model* trained = train(&data, &options);
    const double sign = trained->label[0] == 1 ? 1 : -1;
    for (int d = 0; d < data.n; ++d) weights.push_back(sign * trained->w[d]);
    free_and_destroy_model(&trained);
  }
  return weights;
}

/// Share of samples whose best class is not their label, in double.
inline double error_of(ConstMatrixView<double> codes, std::span<const std::int32_t> labels,
                       std::int64_t classes, std::span<const double> weights) {
  const std::int64_t inputs = codes.cols + 1;
  std::int64_t errors = 0;
  for (std::int64_t n = 0; n < codes.rows; ++n) {
    std::int64_t best = 0;
    double best_score = -HUGE_VAL;
    for (std::int64_t k = 0; k < classes; ++k) {
      double score = weights[k * inputs + codes.cols];
      for (std::int64_t d = 0; d < codes.cols; ++d) score += weights[k * inputs + d] * codes(n, d);
      if (score > best_score) {
        best = k;
        best_score = score;
      }
    }
    errors += best != labels[n] ? 1 : 0;
  }
  return static_cast<double>(errors) / static_cast<double>(codes.rows);
}

inline std::vector<double> objectives(ConstMatrixView<double> codes, std::span<const std::int32_t> labels,
                                      std::int64_t classes, double C, std::span<const double> weights) {
  std::vector<double> unused(weights.size());
  return svm::evaluate_reference(codes, labels, classes, C, weights, unused);
}

/// A classifier's parameters as [classes, features+1].
inline std::vector<double> joined(const Tensor<float>& weight, const Tensor<float>& bias) {
  std::vector<double> out;
  for (std::int64_t k = 0; k < weight.row_count(); ++k) {
    const auto row = weight.matrix().row_span(k);
    out.insert(out.end(), row.begin(), row.end());
    out.push_back(bias[k]);
  }
  return out;
}

}  // namespace wta::test
