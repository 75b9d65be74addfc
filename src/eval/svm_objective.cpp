#include "eval/svm_objective.h"

#include <algorithm>
#include <numeric>

#include "core/parallel.h"
#include "eval/svm_products.h"

namespace wta::svm {
namespace {

constexpr std::int64_t kRowTile = 64;

}  // namespace

FloatWeights::FloatWeights(const Problem& problem, std::span<const double> w)
    : weight({problem.classes, problem.codes.cols}), bias(static_cast<std::size_t>(problem.classes)) {
  for (std::int64_t k = 0; k < problem.classes; ++k) {
    const double* row = w.data() + k * problem.inputs();
    for (std::int64_t d = 0; d < problem.codes.cols; ++d) {
      weight.matrix()(k, d) = static_cast<float>(row[d] / problem.code_scale);
    }
    bias[k] = static_cast<float>(row[problem.codes.cols]);
  }
}

void scores(const Context& context, const Problem& problem, std::span<const double> w,
            MatrixView<float> out) {
  const FloatWeights weights(problem, w);
  parallel_for_tiles(context, out.rows, kRowTile, [&](std::int64_t begin, std::int64_t end) {
    std::vector<const float*> rows;
    for (std::int64_t i = begin; i < end; ++i) {
      rows.push_back(problem.codes.row(problem.samples[i]));
      std::copy(weights.bias.begin(), weights.bias.end(), out.row(i));
    }
    add_dot_products(rows, weights.weight.matrix(), out.row_range(begin, end));
  });
}

std::vector<double> evaluate_reference(ConstMatrixView<double> codes, std::span<const std::int32_t> labels,
                                       std::int64_t classes, double C, std::span<const double> w,
                                       std::span<double> grad) {
  const std::int64_t inputs = codes.cols + 1;
  std::vector<double> objective;
  for (std::int64_t k = 0; k < classes; ++k) {
    const auto weight = w.subspan(static_cast<std::size_t>(k * inputs), static_cast<std::size_t>(inputs));
    double* out = grad.data() + k * inputs;
    std::copy(weight.begin(), weight.end(), out);
    double loss = 0;
    for (std::int64_t n = 0; n < codes.rows; ++n) {
      const double y = labels[n] == k ? 1 : -1;
      const double score = std::inner_product(codes.row(n), codes.row(n) + codes.cols, weight.begin(),
                                              weight[static_cast<std::size_t>(codes.cols)]);
      const double margin = 1 - y * score;
      if (margin <= 0) continue;
      loss += margin * margin;
      for (std::int64_t d = 0; d < codes.cols; ++d) out[d] -= 2 * C * y * margin * codes(n, d);
      out[codes.cols] -= 2 * C * y * margin;
    }
    objective.push_back(0.5 * std::inner_product(weight.begin(), weight.end(), weight.begin(), 0.0) +
                        C * loss);
  }
  return objective;
}

}  // namespace wta::svm
