#pragma once
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "wta/tensor.h"

namespace wta::testing_support {

/// The parameters of two trainings.
inline void expect_same_bits(const std::vector<Tensor<float>>& a, const std::vector<Tensor<float>>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t p = 0; p < a.size(); ++p) {
    ASSERT_EQ(std::memcmp(a[p].data(), b[p].data(), static_cast<std::size_t>(a[p].size()) * sizeof(float)), 0)
        << "parameter " << p;
  }
}

}  // namespace wta::testing_support
