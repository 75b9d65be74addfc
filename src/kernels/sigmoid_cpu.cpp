#include <cstdint>

#include "kernels/sigmoid.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/sigmoid_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/contrib/math/math-inl.h>

#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// exp(87) is about the largest power whose inverse is a normal number.
constexpr float kLargestPower = 87;

HWY_INLINE FloatVector logistic(FloatVector x) {
  const Floats d;
  const FloatVector one = hn::Set(d, 1.0F);
  const FloatVector power = hn::Min(hn::Neg(x), hn::Set(d, kLargestPower));
  return hn::Div(one, hn::Add(one, hn::Exp(d, power)));
}

void sigmoid_values(std::span<float> x) {
  const Floats d;
  const auto size = static_cast<std::int64_t>(x.size());
  float* HWY_RESTRICT p = x.data();
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) hn::StoreU(logistic(hn::LoadU(d, p + i)), d, p + i);
  if (const std::int64_t left = size - i; left > 0) store_part(logistic(load_part(p + i, left)), p + i, left);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(sigmoid_values);

namespace cpu {

void sigmoid(std::span<float> x) {
  HWY_DYNAMIC_DISPATCH(sigmoid_values)(x);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
