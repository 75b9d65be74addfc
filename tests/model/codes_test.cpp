#include <gtest/gtest.h>

#include <cstring>

#include "support/random_tensor.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

using testing_support::random_tensor;

TEST(Codes, ARowDependsOnItsOwnSampleOnlyBitForBit) {
  for (const char* arch : {"333fc", "70fc-333fc"}) {
    const Model model = make_model({.arch = arch, .init_scale = 0.1}, {785}, 1);
    const Tensor<float> x = random_tensor({600, 785}, 0, 11);
    Tensor<float> all({600, 333});
    encode({.threads = 2}, model, x.matrix(), all.matrix());
    for (const std::int64_t n : {0, 1, 7, 63, 64, 255, 256, 511, 599}) {
      Tensor<float> one({1, 333});
      encode({.threads = 1}, model, x.matrix().row_range(n, n + 1), one.matrix());
      EXPECT_EQ(std::memcmp(one.data(), all.matrix().row(n), 333 * sizeof(float)), 0)
          << arch << ", sample " << n;
    }
  }
}

TEST(Codes, AreThePlainReluOutput) {
  const Model model = make_model({.arch = "9fc", .init_scale = 0.3}, {5}, 1);
  const Tensor<float> x = random_tensor({4, 5}, 0, 11);
  Tensor<float> codes({4, 9});
  encode({.threads = 1}, model, x.matrix(), codes.matrix());
  for (std::int64_t n = 0; n < 4; ++n) {
    for (std::int64_t u = 0; u < 9; ++u) {
      double sum = model.top().network.encoder[0].bias[u];
      for (std::int64_t d = 0; d < 5; ++d)
        sum += model.top().network.encoder[0].weight.matrix()(u, d) * x.matrix()(n, d);
      EXPECT_NEAR(codes.matrix()(n, u), std::max(0.0, sum), 1e-6);
    }
  }
}

// Of every unit, or of every position of a map.
TEST(Codes, OfThresholdCodesAreTheActivationsAboveThresholds) {
  for (const auto& [arch, shape] : {std::pair("9fc", Shape{5}), std::pair("4conv3-4deconv3", Shape{7, 8})}) {
    Model model = make_model({.arch = arch, .init_scale = 0.3}, shape, 1);
    Autoencoder& network = model.top().network;
    const Tensor<float> x = random_tensor({300, element_count(shape)}, 0, 11);
    Tensor<float> all({300, code_size(model)});
    encode({.threads = 2}, model, x.matrix(), all.matrix());
    // Activations of the first sample: what equals a threshold does not count.
    for (std::int64_t u = 0; u < network.units(); ++u) network.thresholds[u] = all[u];
    network.thresholds[1] = -0.05F;
    network.threshold_codes = true;
    Tensor<float> above({300, code_size(model)});
    encode({.threads = 2}, model, x.matrix(), above.matrix());
    std::int64_t silenced = 0;
    for (std::int64_t i = 0; i < all.size(); ++i) {
      const bool counts = all[i] > network.threshold(i % network.units());
      ASSERT_EQ(above[i], counts ? all[i] : 0) << arch << ", " << i;
      silenced += !counts && all[i] > 0;
    }
    EXPECT_GT(silenced, 100) << arch;
  }
}

TEST(Codes, ThresholdsAreThoseOfRectifiedUnits) {
  EXPECT_THROW((void)make_model({.arch = "9fc", .threshold_codes = true, .activation = "sigmoid"}, {5}, 1),
               InvalidArgument);
}

TEST(Codes, SamplesOfAnotherSizeAreRefused) {
  const Model model = make_model({.arch = "9fc"}, {5}, 1);
  const Tensor<float> x = random_tensor({4, 6}, 0, 11);
  Tensor<float> codes({4, 9});
  EXPECT_THROW(encode({.threads = 1}, model, x.matrix(), codes.matrix()), DataError);
  EXPECT_THROW(reconstruct({.threads = 1}, model, x.matrix(), codes.matrix()), DataError);
}

TEST(Reconstruction, UsesOnlyCodesAboveTheirThreshold) {
  Model model = make_model({.arch = "2fc", .tied = "no"}, {2}, 1);
  Autoencoder& network = model.top().network;
  network.encoder[0].weight = Tensor<float>({2, 2}, std::vector<float>{1, 0, 0, 1});
  network.decoder_weight = Tensor<float>({2, 2}, std::vector<float>{10, 20, 30, 40});
  network.decoder_bias = Tensor<float>({2}, std::vector<float>{0.5F, 0.25F});
  network.thresholds = Tensor<float>({2}, std::vector<float>{1.0F, 2.0F});
  const Tensor<float> x({3, 2}, std::vector<float>{1.5F, 1.5F, 1.0F, 3.0F, 0.0F, 0.0F});
  Tensor<float> out({3, 2});
  reconstruct({.threads = 1}, model, x.matrix(), out.matrix());
  const std::vector<float> expected = {15.5F, 30.25F, 90.5F, 120.25F, 0.5F, 0.25F};
  for (std::int64_t i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(out[i], expected[static_cast<std::size_t>(i)]) << i;
}

}  // namespace
}  // namespace wta
