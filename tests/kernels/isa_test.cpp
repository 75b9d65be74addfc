#include "kernels/isa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <cstdlib>
#include <string>

#include "kernels/gemm_onednn.h"
#include "kernels/kernel_cases.h"
#include "wta/error.h"

namespace wta {
namespace {

std::string asked_isa() {
  const char* name = std::getenv("WTA_ISA");
  return name == nullptr ? "" : name;
}

TEST(Isa, KernelsAndOneDnnUseTheOneAskedFor) {
  if (asked_isa().empty()) GTEST_SKIP() << "WTA_ISA is not set";
  EXPECT_EQ(active_isa(), asked_isa());
  EXPECT_EQ(cpu::active_gemm_isa(), asked_isa());
}

TEST(Isa, AnUnknownNameIsRefusedWithTheNamesThatExist) {
  try {
    limit_isa("sse9");
    FAIL() << "accepted sse9";
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("must be avx2 or avx512; got \"sse9\". Try:"));
  }
}

TEST(Isa, AChangeAfterTheFirstKernelIsRefusedAndChangesNothing) {
  if (asked_isa() != "avx512") GTEST_SKIP() << "needs WTA_ISA=avx512";
  EXPECT_EQ(cpu::active_gemm_isa(), "avx512");
  EXPECT_THROW(limit_isa("avx2"), InvalidArgument);
  EXPECT_EQ(active_isa(), "avx512");
}

TEST(Gemm, RunsOnOneThreadAndRestoresTheCallersNumber) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(3);
  const Tensor<float> a = testing::random_tensor({300, 200}, 1);
  const Tensor<float> b = testing::random_tensor({200, 100}, 2);
  Tensor<float> c({300, 100});
  cpu::gemm(cpu::Transpose::no, a.matrix(), cpu::Transpose::no, b.matrix(), c.matrix());
  EXPECT_EQ(omp_get_max_threads(), 3);
  omp_set_num_threads(1);
  Tensor<float> alone({300, 100});
  cpu::gemm(cpu::Transpose::no, a.matrix(), cpu::Transpose::no, b.matrix(), alone.matrix());
  EXPECT_THAT(c.span(), ::testing::ElementsAreArray(alone.span()));
  omp_set_num_threads(before);
}

TEST(Gemm, AProductOverNothingIsZero) {
  const Tensor<float> none({0, 5});
  Tensor<float> c = testing::random_tensor({5, 5}, 3);
  cpu::gemm(cpu::Transpose::yes, none.matrix(), cpu::Transpose::no, none.matrix(), c.matrix());
  EXPECT_THAT(c.span(), ::testing::Each(0.0F));
}

}  // namespace
}  // namespace wta
