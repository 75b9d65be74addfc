#include <cmath>

#include "kernels/row_update.h"

namespace wta::reference {

template <class T>
void sgd_row(const SgdRule& rule, std::span<const T> gradient, std::span<T> weight, std::span<T> velocity) {
  const T rate = static_cast<T>(rule.learning_rate);
  const T momentum = static_cast<T>(rule.momentum);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    velocity[i] = momentum * velocity[i] + gradient[i];
    weight[i] -= rate * velocity[i];
  }
}

template <class T>
void adam_row(const AdamRule& rule, std::span<const T> gradient, std::span<T> weight, std::span<T> m,
              std::span<T> v) {
  const double steps = static_cast<double>(rule.step);
  const T rate = static_cast<T>(rule.learning_rate / (1 - std::pow(rule.beta1, steps)));
  const T correction = static_cast<T>(1 / (1 - std::pow(rule.beta2, steps)));
  const T beta1 = static_cast<T>(rule.beta1);
  const T beta2 = static_cast<T>(rule.beta2);
  const T rest1 = static_cast<T>(1 - rule.beta1);
  const T rest2 = static_cast<T>(1 - rule.beta2);
  const T epsilon = static_cast<T>(rule.epsilon);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    m[i] = beta1 * m[i] + rest1 * gradient[i];
    v[i] = beta2 * v[i] + rest2 * gradient[i] * gradient[i];
    weight[i] -= rate * m[i] / (std::sqrt(v[i] * correction) + epsilon);
  }
}

template void sgd_row(const SgdRule&, std::span<const float>, std::span<float>, std::span<float>);
template void sgd_row(const SgdRule&, std::span<const double>, std::span<double>, std::span<double>);
template void adam_row(const AdamRule&, std::span<const float>, std::span<float>, std::span<float>,
                       std::span<float>);
template void adam_row(const AdamRule&, std::span<const double>, std::span<double>, std::span<double>,
                       std::span<double>);

}  // namespace wta::reference
