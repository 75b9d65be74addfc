#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "kernels/isa.h"

namespace wta {
namespace {

/// Before the first kernel runs: applies WTA_ISA (where the processor lacks it, every test is skipped),
/// and fixes the seed of rapidcheck, which prints it, unless RC_PARAMS gives another.
class KernelEnvironment final : public ::testing::Environment {
 public:
  void SetUp() override {
    setenv("RC_PARAMS", "seed=20150903", 0);
    const char* isa = std::getenv("WTA_ISA");
    if (isa == nullptr) return;
    if (!has_isa(isa)) {
      // googletest then runs no test, and says so in words that CTest does not take for a skip.
      std::printf("[  SKIPPED ] this processor lacks %s\n", isa);
      GTEST_SKIP();
    }
    limit_isa(isa);
  }
};

const ::testing::Environment* const kEnvironment = ::testing::AddGlobalTestEnvironment(new KernelEnvironment);

}  // namespace
}  // namespace wta
