#pragma once
/// The (sample, class) pairs with a loss, and the sums over them. With a squared hinge nothing else enters
/// the gradient or the Hessian; on well separated codes they are a few per cent of all pairs.

#include <cstdint>
#include <span>
#include <vector>

#include "eval/svm_objective.h"
#include "eval/svm_products.h"
#include "wta/context.h"
#include "wta/tensor.h"

namespace wta::svm {

/// Classes that take part in a step: 1, or 0 for those that are done.
using ClassFlags = std::vector<char>;

/// The pairs with margin m = 1 - y f > 0 at one point w. Below, z[n] = (x[n] / code_scale, 1).
/// Products in float32, sums over more than kRowsPerSum samples in double; each row is read once per sum.
/// Same bits for any number of threads.
class ActivePairs {
 public:
  /// scores [classes, samples]: f at w. `problem` is kept by reference.
  ActivePairs(const Problem& problem, ConstMatrixView<double> scores, const ClassFlags& left);

  /// out[k] = sum_{n active} -y m z[n]: the gradient of the loss, up to the factor 2 C.
  /// out [classes, features+1] (assigns); 0 for classes that are done.
  void sum_losses(const Context& context, std::span<double> out) const;

  /// out[k] = sum_{n active} (z[n] . v[k]) z[n]: the Hessian of the loss times v, up to the factor 2 C.
  /// v, out [classes, features+1] (assigns); 0, at no cost, for classes that are done.
  void multiply_hessian(const Context& context, std::span<const double> v, const ClassFlags& left,
                        std::span<double> out) const;

  [[nodiscard]] const Problem& problem() const { return problem_; }
  /// Codes of the samples that are active for class k, in their order.
  [[nodiscard]] std::vector<const float*> rows_of(std::int64_t k) const;
  [[nodiscard]] std::int64_t count() const;

 private:
  /// Weighted rows of a block, grouped by class.
  struct Terms {
    std::vector<WeightedRow> list;
    std::vector<std::int64_t> offsets;  // [classes+1]
  };
  /// Samples with an active pair, as many as the cache holds.
  struct Block {
    std::vector<const float*> rows;
    Terms losses;  // weight: -y m
  };
  class Builder;
  class Sum;

  [[nodiscard]] Terms project(const Block& block, const FloatWeights& v, const ClassFlags& left) const;
  template <class TermsOf>
  void sum_blocks(const Context& context, const TermsOf& terms_of, std::span<double> out) const;

  const Problem& problem_;
  std::vector<Block> blocks_;
};

}  // namespace wta::svm
