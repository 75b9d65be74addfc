#pragma once
#include <cstdint>
#include <span>

namespace wta {

/// SGD with momentum on one row of a parameter.
/// Math: velocity = momentum * velocity + gradient;  weight -= learning_rate * velocity
/// All spans of equal length; weight and velocity are changed in place.
struct SgdRule {
  double learning_rate = 0;
  double momentum = 0;
};

/// Adam on one row (Kingma & Ba 2015, algorithm 1 with bias correction).
/// Math: m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
///       weight -= learning_rate * (m / (1 - beta1^step)) / (sqrt(v / (1 - beta2^step)) + epsilon)
/// `step` counts from 1. The two corrections are computed once in double.
struct AdamRule {
  double learning_rate = 0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  std::int64_t step = 1;
};

namespace reference {
template <class T>
void sgd_row(const SgdRule& rule, std::span<const T> gradient, std::span<T> weight, std::span<T> velocity);
template <class T>
void adam_row(const AdamRule& rule, std::span<const T> gradient, std::span<T> weight, std::span<T> m,
              std::span<T> v);
}  // namespace reference

namespace cpu {
void sgd_row(const SgdRule& rule, std::span<const float> gradient, std::span<float> weight,
             std::span<float> velocity);
void adam_row(const AdamRule& rule, std::span<const float> gradient, std::span<float> weight,
              std::span<float> m, std::span<float> v);
}  // namespace cpu

}  // namespace wta
