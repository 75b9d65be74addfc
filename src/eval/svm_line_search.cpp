#include "eval/svm_line_search.h"

#include <cmath>

namespace wta::svm {
namespace {

constexpr int kMaxSteps = 50;
constexpr double kPrecision = 1e-6;

struct Derivatives {
  double first = 0;
  double second = 0;
};

Derivatives derivatives_at(const Line& line, double t) {
  Derivatives out{line.weights_step + t * line.step_square, line.step_square};
  for (std::size_t i = 0; i < line.scores.size(); ++i) {
    const double y = line.problem.sign(static_cast<std::int64_t>(i), line.k);
    const double slope = line.step_scores[i];
    const double margin = 1 - y * (line.scores[i] + t * slope);
    if (!(margin > 0)) continue;
    out.first -= 2 * line.C * y * margin * slope;
    out.second += 2 * line.C * slope * slope;
  }
  return out;
}

}  // namespace

double objective_at(const Line& line, double t) {
  double loss = 0;
  for (std::size_t i = 0; i < line.scores.size(); ++i) {
    const double y = line.problem.sign(static_cast<std::int64_t>(i), line.k);
    const double margin = 1 - y * (line.scores[i] + t * line.step_scores[i]);
    if (!(margin <= 0)) loss += margin * margin;  // so NaN stays
  }
  const double square = line.weights_square + t * (2 * line.weights_step + t * line.step_square);
  return 0.5 * square + line.C * loss;
}

double best_length(const Line& line) {
  double low = 0;
  double high = HUGE_VAL;
  double t = 1;
  for (int i = 0; i < kMaxSteps; ++i) {
    const Derivatives at = derivatives_at(line, t);
    (at.first < 0 ? low : high) = t;
    double next = t - at.first / at.second;
    if (!(next > low && next < high)) next = std::isfinite(high) ? 0.5 * (low + high) : 2 * t;
    const bool is_found = std::abs(next - t) <= kPrecision * t;
    t = next;
    if (is_found) break;
  }
  return t;
}

}  // namespace wta::svm
