#pragma once
/// The objective of one class along a line, known without the codes.

#include <cstdint>
#include <span>

#include "eval/svm_objective.h"

namespace wta::svm {

/// Math: E(t) = 1/2 |w + t d|^2 + C sum_n max(0, 1 - y (f + t g))^2, with f, g the scores of w and of d:
///       E'(t) is piecewise linear and rises.
struct Line {
  const Problem& problem;
  std::int64_t k = 0;
  double C = 1;
  std::span<const double> scores;       ///< f, of every sample
  std::span<const double> step_scores;  ///< g
  double weights_square = 0;            ///< |w|^2
  double weights_step = 0;              ///< w . d
  double step_square = 0;               ///< |d|^2
};

[[nodiscard]] double objective_at(const Line& line, double t);

/// The t > 0 that minimises E, for a d that goes down: Newton's method on E', kept between bounds.
/// Cost: about five reads of the scores.   Source: Keerthi & DeCoste 2005, section 3 (there by sorting).
[[nodiscard]] double best_length(const Line& line);

}  // namespace wta::svm
