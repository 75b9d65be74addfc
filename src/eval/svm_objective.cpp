#include "eval/svm_objective.h"

#include <algorithm>
#include <numeric>

#include "core/parallel.h"
#include "eval/svm_products.h"

namespace wta::svm {
namespace {

/// Sums over samples are cut into this many parts, whatever the number of threads.
constexpr std::int64_t kParts = 32;
/// Samples whose gradients are summed in float before they go into a double.
constexpr std::int64_t kRowsPerSum = 512;
/// A block of samples stays in the second-level cache between the two products.
constexpr std::int64_t kBlockBytes = 512 * 1024;
constexpr std::int64_t kMaxBlockRows = 64;

std::int64_t block_rows(std::int64_t features) {
  const std::int64_t row_bytes = std::max<std::int64_t>(1, features) * std::int64_t{sizeof(float)};
  return std::clamp<std::int64_t>(kBlockBytes / row_bytes / 4 * 4, 8, kMaxBlockRows);
}

/// Weights as the products want them: float, divided by the scale of the codes, the bias apart.
struct FloatWeights {
  Tensor<float> weight;
  std::vector<float> bias;

  FloatWeights(const Problem& problem, std::span<const double> w)
      : weight({problem.classes, problem.codes.cols}), bias(static_cast<std::size_t>(problem.classes)) {
    for (std::int64_t k = 0; k < problem.classes; ++k) {
      const double* row = w.data() + k * problem.inputs();
      for (std::int64_t d = 0; d < problem.codes.cols; ++d) {
        weight.matrix()(k, d) = static_cast<float>(row[d] / problem.code_scale);
      }
      bias[k] = static_cast<float>(row[problem.codes.cols]);
    }
  }
};

/// Scores of the samples at places [begin, end) of problem.samples; `rows` receives where they lie.
void score_block(const Problem& problem, const FloatWeights& weights, std::int64_t begin, std::int64_t end,
                 std::vector<const float*>& rows, MatrixView<float> out) {
  rows.clear();
  for (std::int64_t i = begin; i < end; ++i) {
    rows.push_back(problem.codes.row(problem.samples[i]));
    std::copy(weights.bias.begin(), weights.bias.end(), out.row(i - begin));
  }
  add_dot_products(rows, weights.weight.matrix(), out);
}

/// Loss and gradient of one part of the samples; the gradient without the factor 2 C / code_scale.
struct PartialSum {
  std::vector<double> loss;
  std::vector<double> grad;
  std::int64_t active = 0;
};

class PartWorker {
 public:
  PartWorker(const Problem& problem, const FloatWeights& weights)
      : problem_(problem),
        weights_(weights),
        scores_({block_rows(problem.codes.cols), problem.classes}),
        grad_({problem.classes, problem.codes.cols}),
        offsets_(static_cast<std::size_t>(problem.classes + 1)) {
    sum_.loss.resize(static_cast<std::size_t>(problem.classes));
    sum_.grad.resize(static_cast<std::size_t>(problem.parameters()));
  }

  PartialSum run(std::int64_t begin, std::int64_t end) {
    const std::int64_t step = scores_.row_count();
    std::int64_t pending = 0;
    for (std::int64_t i = begin; i < end; i += step) {
      add_block(i, std::min(end, i + step));
      pending += step;
      if (pending >= kRowsPerSum) {
        flush();
        pending = 0;
      }
    }
    flush();
    return std::move(sum_);
  }

 private:
  void add_block(std::int64_t begin, std::int64_t end) {
    score_block(problem_, weights_, begin, end, rows_, scores_.matrix());
    terms_.clear();
    for (std::int64_t k = 0; k < problem_.classes; ++k) {
      offsets_[k] = static_cast<std::int64_t>(terms_.size());
      add_losses(k, begin, end);
    }
    offsets_.back() = static_cast<std::int64_t>(terms_.size());
    sum_.active += offsets_.back();
    add_weighted_rows(rows_, terms_, offsets_, grad_.matrix());
  }

  void add_losses(std::int64_t k, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float y = problem_.labels[problem_.samples[i]] == k ? 1.0F : -1.0F;
      const float margin = 1.0F - y * scores_.matrix()(i - begin, k);
      if (!(margin > 0)) continue;
      sum_.loss[k] += static_cast<double>(margin) * margin;
      sum_.grad[k * problem_.inputs() + problem_.codes.cols] -= y * margin;
      terms_.push_back({static_cast<std::int32_t>(i - begin), -y * margin});
    }
  }

  void flush() {
    for (std::int64_t k = 0; k < problem_.classes; ++k) {
      float* from = grad_.matrix().row(k);
      double* to = sum_.grad.data() + k * problem_.inputs();
      for (std::int64_t d = 0; d < problem_.codes.cols; ++d) {
        to[d] += from[d];
        from[d] = 0;
      }
    }
  }

  const Problem& problem_;
  const FloatWeights& weights_;
  Tensor<float> scores_;
  Tensor<float> grad_;
  std::vector<std::int64_t> offsets_;
  std::vector<const float*> rows_;
  std::vector<WeightedRow> terms_;
  PartialSum sum_;
};

/// Sums the parts in their order and adds the regulariser.
Value combine(const Problem& problem, double C, std::span<const double> w,
              const std::vector<PartialSum>& parts, std::span<double> grad) {
  Value value{std::vector<double>(static_cast<std::size_t>(problem.classes)), 0};
  const std::int64_t inputs = problem.inputs();
  std::int64_t active = 0;
  for (const PartialSum& part : parts) active += part.active;
  for (std::int64_t k = 0; k < problem.classes; ++k) {
    const double* weights = w.data() + k * inputs;
    double* out = grad.data() + k * inputs;
    std::fill(out, out + inputs, 0.0);
    double loss = 0;
    for (const PartialSum& part : parts) {
      loss += part.loss[k];
      const double* from = part.grad.data() + k * inputs;
      for (std::int64_t d = 0; d < inputs; ++d) out[d] += from[d];
    }
    const double factor = 2 * C / problem.code_scale;
    for (std::int64_t d = 0; d + 1 < inputs; ++d) out[d] = weights[d] + factor * out[d];
    out[inputs - 1] = weights[inputs - 1] + 2 * C * out[inputs - 1];
    value.objective[k] = 0.5 * std::inner_product(weights, weights + inputs, weights, 0.0) + C * loss;
  }
  const auto pairs = static_cast<double>(problem.classes) * static_cast<double>(problem.samples.size());
  value.active_fraction = static_cast<double>(active) / pairs;
  return value;
}

}  // namespace

Value evaluate(const Context& context, const Problem& problem, double C, std::span<const double> w,
               std::span<double> grad) {
  const FloatWeights weights(problem, w);
  const auto count = static_cast<std::int64_t>(problem.samples.size());
  // Whole blocks, so that no part ends in an odd row that only the last one should have.
  const std::int64_t step = block_rows(problem.codes.cols);
  const std::int64_t part_rows = std::max(step, (count / kParts + step - 1) / step * step);
  std::vector<PartialSum> parts(static_cast<std::size_t>((count + part_rows - 1) / part_rows));
  parallel_for_tiles(context, count, part_rows, [&](std::int64_t begin, std::int64_t end) {
    parts[begin / part_rows] = PartWorker(problem, weights).run(begin, end);
  });
  return combine(problem, C, w, parts, grad);
}

void scores(const Context& context, const Problem& problem, std::span<const double> w,
            MatrixView<float> out) {
  const FloatWeights weights(problem, w);
  parallel_for_tiles(context, out.rows, kMaxBlockRows, [&](std::int64_t begin, std::int64_t end) {
    std::vector<const float*> rows;
    score_block(problem, weights, begin, end, rows, out.row_range(begin, end));
  });
}

Value evaluate_reference(ConstMatrixView<double> codes, std::span<const std::int32_t> labels,
                         std::int64_t classes, double C, std::span<const double> w, std::span<double> grad) {
  const std::int64_t inputs = codes.cols + 1;
  Value value{std::vector<double>(static_cast<std::size_t>(classes)), 0};
  std::int64_t active = 0;
  for (std::int64_t k = 0; k < classes; ++k) {
    const auto weight = w.subspan(static_cast<std::size_t>(k * inputs), static_cast<std::size_t>(inputs));
    double* out = grad.data() + k * inputs;
    std::copy(weight.begin(), weight.end(), out);
    value.objective[k] = 0.5 * std::inner_product(weight.begin(), weight.end(), weight.begin(), 0.0);
    for (std::int64_t n = 0; n < codes.rows; ++n) {
      const double y = labels[n] == k ? 1 : -1;
      const double score = std::inner_product(codes.row(n), codes.row(n) + codes.cols, weight.begin(),
                                              weight[static_cast<std::size_t>(codes.cols)]);
      const double margin = 1 - y * score;
      if (margin <= 0) continue;
      ++active;
      value.objective[k] += C * margin * margin;
      for (std::int64_t d = 0; d < codes.cols; ++d) out[d] -= 2 * C * y * margin * codes(n, d);
      out[codes.cols] -= 2 * C * y * margin;
    }
  }
  value.active_fraction =
      static_cast<double>(active) / (static_cast<double>(classes) * static_cast<double>(codes.rows));
  return value;
}

}  // namespace wta::svm
