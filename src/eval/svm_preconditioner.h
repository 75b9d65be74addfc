#pragma once
/// A cheap stand-in for the inverse Hessian, so that few steps of conjugate gradients do.

#include <cstdint>
#include <span>
#include <vector>

#include "eval/svm_active.h"
#include "wta/context.h"
#include "wta/tensor.h"

namespace wta::svm {

/// The Hessian of some of each class's active samples, its landmarks, inverted.
/// Math: H = I + 2 C sum_{n active} z[n] z[n]^T.  With m evenly spaced ones of its `count` active samples as
///       the rows of S:  P = I + a S^T S,  a = 2 C count / m,  and by Woodbury's identity
///       P^-1 = I - S^T (I/a + S S^T)^-1 S.   Up to kMaxLandmarks active samples: P = H.
/// Cost: m^2 features to build, 2 m features to apply, for each class. Same bits for any number of threads.
/// Source: subsampled Hessians, Byrd et al. 2011; departs: as a preconditioner of the whole Hessian.
class Preconditioner {
 public:
  static constexpr std::int64_t kMaxLandmarks = 512;

  /// For classes with left[k]. The codes of `active` outlive this.
  Preconditioner(const Context& context, const ActivePairs& active, double C, const ClassFlags& left);

  /// out[k] = P[k]^-1 r[k] for classes with left[k]; r, out [classes, features+1] (assigns).
  void apply(const Context& context, std::span<const double> r, const ClassFlags& left,
             std::span<double> out) const;

 private:
  struct Landmarks {
    std::vector<const float*> rows;  // S, unscaled and without the constant 1
    double a = 0;
    Tensor<float> factor;  // lower triangle L of I/a + S S^T = L L^T
  };
  /// Part of a class's landmarks, or of its features.
  struct Tile {
    std::int64_t k, begin, end;
  };

  void factorise(Landmarks& landmarks) const;
  void solve(const Landmarks& landmarks, std::vector<float>& share) const;
  void subtract_rows(const Tile& tile, std::span<const float> share, std::span<const double> r,
                     std::span<double> out) const;

  const Problem& problem_;
  std::vector<Landmarks> classes_;
};

}  // namespace wta::svm
