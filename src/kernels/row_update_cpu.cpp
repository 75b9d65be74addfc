#include <cmath>

#include "kernels/row_update.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/row_update_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

struct SgdStep {
  FloatVector rate;
  FloatVector momentum;
  HWY_INLINE void operator()(FloatVector gradient, FloatVector& weight, FloatVector& velocity) const {
    velocity = hn::MulAdd(momentum, velocity, gradient);
    weight = hn::NegMulAdd(rate, velocity, weight);
  }
};

void sgd(const SgdRule& rule, std::span<const float> gradient, std::span<float> weight,
         std::span<float> velocity) {
  const Floats d;
  const SgdStep step{hn::Set(d, static_cast<float>(rule.learning_rate)),
                     hn::Set(d, static_cast<float>(rule.momentum))};
  const std::int64_t size = static_cast<std::int64_t>(weight.size());
  const float* HWY_RESTRICT g = gradient.data();
  float* HWY_RESTRICT w = weight.data();
  float* HWY_RESTRICT v = velocity.data();
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    FloatVector weights = hn::LoadU(d, w + i);
    FloatVector velocities = hn::LoadU(d, v + i);
    step(hn::LoadU(d, g + i), weights, velocities);
    hn::StoreU(velocities, d, v + i);
    hn::StoreU(weights, d, w + i);
  }
  if (const std::int64_t left = size - i; left > 0) {
    FloatVector weights = load_part(w + i, left);
    FloatVector velocities = load_part(v + i, left);
    step(load_part(g + i, left), weights, velocities);
    store_part(velocities, v + i, left);
    store_part(weights, w + i, left);
  }
}

/// The factors of one Adam step; `rate` holds the correction of m, `correction` that of v.
struct AdamStep {
  FloatVector rate, correction, epsilon, beta1, beta2, rest1, rest2;

  explicit AdamStep(const AdamRule& rule) {
    const double steps = static_cast<double>(rule.step);
    const auto set = [](double x) { return hn::Set(Floats(), static_cast<float>(x)); };
    rate = set(rule.learning_rate / (1 - std::pow(rule.beta1, steps)));
    correction = set(1 / (1 - std::pow(rule.beta2, steps)));
    epsilon = set(rule.epsilon);
    beta1 = set(rule.beta1);
    beta2 = set(rule.beta2);
    rest1 = set(1 - rule.beta1);
    rest2 = set(1 - rule.beta2);
  }

  HWY_INLINE void operator()(FloatVector g, FloatVector& weight, FloatVector& m, FloatVector& v) const {
    m = hn::MulAdd(beta1, m, hn::Mul(rest1, g));
    v = hn::MulAdd(beta2, v, hn::Mul(hn::Mul(rest2, g), g));
    const FloatVector spread = hn::Add(hn::Sqrt(hn::Mul(v, correction)), epsilon);
    weight = hn::Sub(weight, hn::Div(hn::Mul(rate, m), spread));
  }
};

void adam(const AdamRule& rule, std::span<const float> gradient, std::span<float> weight,
          std::span<float> first_moment, std::span<float> second_moment) {
  const Floats d;
  const AdamStep step(rule);
  const std::int64_t size = static_cast<std::int64_t>(weight.size());
  const float* HWY_RESTRICT g = gradient.data();
  float* HWY_RESTRICT w = weight.data();
  float* HWY_RESTRICT m = first_moment.data();
  float* HWY_RESTRICT v = second_moment.data();
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    FloatVector weights = hn::LoadU(d, w + i), ms = hn::LoadU(d, m + i), vs = hn::LoadU(d, v + i);
    step(hn::LoadU(d, g + i), weights, ms, vs);
    hn::StoreU(ms, d, m + i);
    hn::StoreU(vs, d, v + i);
    hn::StoreU(weights, d, w + i);
  }
  if (const std::int64_t left = size - i; left > 0) {
    FloatVector weights = load_part(w + i, left), ms = load_part(m + i, left), vs = load_part(v + i, left);
    step(load_part(g + i, left), weights, ms, vs);
    store_part(ms, m + i, left);
    store_part(vs, v + i, left);
    store_part(weights, w + i, left);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(sgd);
HWY_EXPORT(adam);

namespace cpu {

void sgd_row(const SgdRule& rule, std::span<const float> gradient, std::span<float> weight,
             std::span<float> velocity) {
  HWY_DYNAMIC_DISPATCH(sgd)(rule, gradient, weight, velocity);
}

void adam_row(const AdamRule& rule, std::span<const float> gradient, std::span<float> weight,
              std::span<float> m, std::span<float> v) {
  HWY_DYNAMIC_DISPATCH(adam)(rule, gradient, weight, m, v);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
