#include "kernels/isa.h"

#include <fmt/format.h>

#include "kernels/gemm_onednn.h"
#include "wta/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/isa.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

const char* target_name() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(target_name);

bool has_isa(std::string_view name) {
  if (name != "avx2" && name != "avx512") {
    throw InvalidArgument(
        fmt::format("instruction set: must be avx2 or avx512; got \"{}\". Try: avx2.", name));
  }
  const std::int64_t needed = name == "avx2" ? HWY_AVX2 : HWY_AVX3;
  return (hwy::SupportedTargets() & needed) != 0;
}

void limit_isa(std::string_view name) {
  if (!has_isa(name)) {
    throw InvalidArgument(fmt::format(
        "instruction set: this processor must have it; got \"{}\", which it lacks. Try: no limit.", name));
  }
  if (!cpu::limit_gemm_isa(name)) {
    throw InvalidArgument(
        fmt::format("instruction set: must be limited before the first kernel runs; got \"{}\" after oneDNN "
                    "chose \"{}\". Try: limit it first.",
                    name, cpu::active_gemm_isa()));
  }
  if (name == "avx2") hwy::DisableTargets(HWY_AVX3 | HWY_AVX3_DL);
}

std::string_view active_isa() {
  const std::string_view target = HWY_DYNAMIC_DISPATCH(target_name)();
  if (target == "AVX3" || target == "AVX3_DL") return "avx512";
  if (target == "AVX2") return "avx2";
  return target;
}

}  // namespace wta
#endif  // HWY_ONCE
