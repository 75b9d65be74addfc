#include "eval/svm_newton_step.h"

#include <algorithm>

#include "core/parallel.h"
#include "eval/dot.h"

namespace wta::svm {
namespace {

constexpr double kResidual = 0.1;
constexpr int kMaxIterations = 200;

/// The usual names: r = -grad - H s, z = P^-1 r, p the search direction, q = H p.
class ConjugateGradients {
 public:
  ConjugateGradients(const Context& context, const ActivePairs& active, const Preconditioner& preconditioner,
                     double C, std::span<const double> grad, const ClassFlags& left)
      : context_(context),
        active_(active),
        preconditioner_(preconditioner),
        cost_(C),
        running_(left),
        step_{std::vector<double>(grad.size()), std::vector<double>(left.size())},
        r_(grad.size()),
        z_(grad.size()),
        q_(grad.size()),
        rz_(left.size()) {
    std::transform(grad.begin(), grad.end(), r_.begin(), [](double g) { return -g; });
    preconditioner_.apply(context_, r_, running_, z_);
    p_ = z_;
    for_running([&](std::int64_t k) { rz_[k] = dot(of_class(r_, k), of_class(z_, k)); });
    first_rz_ = rz_;
    for_running([&](std::int64_t k) { running_[k] = rz_[k] > 0 ? 1 : 0; });
  }

  NewtonStep run() {
    for (int i = 0; i < kMaxIterations && std::ranges::count(running_, 1) > 0; ++i) {
      active_.multiply_hessian(context_, p_, running_, q_);
      for_running([&](std::int64_t k) { advance(k); });
      preconditioner_.apply(context_, r_, running_, z_);
      for_running([&](std::int64_t k) { turn(k); });
    }
    return std::move(step_);
  }

 private:
  template <class Task>
  void for_running(const Task& task) {
    parallel_for(context_, static_cast<std::int64_t>(running_.size()), [&](std::int64_t k) {
      if (running_[k] != 0) task(k);
    });
  }

  std::span<double> of_class(std::vector<double>& v, std::int64_t k) const {
    const auto inputs = static_cast<std::size_t>(active_.problem().inputs());
    return std::span(v).subspan(static_cast<std::size_t>(k) * inputs, inputs);
  }

  /// Goes along p to the minimum of the model.
  void advance(std::int64_t k) {
    const auto s = of_class(step_.direction, k);
    const auto r = of_class(r_, k);
    const auto p = of_class(p_, k);
    const auto q = of_class(q_, k);
    for (std::size_t i = 0; i < p.size(); ++i) q[i] = p[i] + 2 * cost_ * q[i];
    const double length = rz_[k] / dot(p, q);
    for (std::size_t i = 0; i < p.size(); ++i) {
      s[i] += length * p[i];
      r[i] -= length * q[i];
    }
    step_.gain[k] += 0.5 * length * rz_[k];
  }

  /// Chooses the next p, or ends.
  void turn(std::int64_t k) {
    const auto p = of_class(p_, k);
    const auto z = of_class(z_, k);
    const double rz = dot(of_class(r_, k), z);
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = z[i] + rz / rz_[k] * p[i];
    rz_[k] = rz;
    if (!(rz > kResidual * kResidual * first_rz_[k])) running_[k] = 0;
  }

  const Context& context_;
  const ActivePairs& active_;
  const Preconditioner& preconditioner_;
  double cost_;
  ClassFlags running_;
  NewtonStep step_;
  std::vector<double> r_;
  std::vector<double> z_;
  std::vector<double> p_;
  std::vector<double> q_;
  std::vector<double> rz_;
  std::vector<double> first_rz_;
};

}  // namespace

NewtonStep newton_step(const Context& context, const ActivePairs& active,
                       const Preconditioner& preconditioner, double C, std::span<const double> grad,
                       const ClassFlags& left) {
  return ConjugateGradients(context, active, preconditioner, C, grad, left).run();
}

}  // namespace wta::svm
