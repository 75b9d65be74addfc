#pragma once
#include <gtest/gtest.h>

#include <vector>

#include "support/dense_autoencoder.h"

namespace wta::testing_support {

/// step() computes the loss of `dense` and leaves its gradients: each must be the central difference of the
/// loss.
template <class Step>
void expect_central_differences(DenseAutoencoder& dense, const Step& step, double tolerance) {
  constexpr double kEpsilon = 1e-5;
  step();
  const std::vector<DenseParameter> found = dense.parameters();
  for (std::size_t p = 0; p < found.size(); ++p) {
    for (std::size_t i = 0; i < found[p].value.values.size(); ++i) {
      double& value = dense.parameters()[p].value.values[i];
      const double before = value;
      value = before + kEpsilon;
      const double above = step();
      value = before - kEpsilon;
      const double below = step();
      value = before;
      EXPECT_NEAR(found[p].gradient.values[i], (above - below) / (2 * kEpsilon), tolerance) << p << ", " << i;
    }
  }
}

}  // namespace wta::testing_support
