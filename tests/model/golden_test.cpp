#include <gtest/gtest.h>

#include "wta/model.h"

namespace wta {
namespace {

// The fixed input of the golden files: 64 values in [0, 1).
Tensor<float> golden_input() {
  Tensor<float> x({1, 64});
  for (std::int64_t i = 0; i < 64; ++i) x[i] = static_cast<float>(i * 37 % 64) / 64;
  return x;
}

// Expected values were computed with NumPy in double from the file's tensors.
TEST(GoldenModel, Format1LoadsEncodesAndReconstructsAsItDid) {
  const Model model = load_model(std::filesystem::path(WTA_GOLDEN_FOLDER) / "model-1.safetensors");
  EXPECT_EQ(model.top().options.at("arch"), "12fc-16fc");
  EXPECT_EQ(model.top().sample_shape, (Shape{8, 8}));
  EXPECT_EQ(model.top().options.at("hidden_dropout"), "0");  // an option that the file is older than
  EXPECT_EQ(model.class_names.size(), 8U);
  EXPECT_EQ(model.top().summary.epochs, 6);
  EXPECT_EQ(model.top().summary.dead_units, 10);
  const Tensor<float> x = golden_input();
  Tensor<float> code({1, 16});
  encode({.threads = 1}, model, x.matrix(), code.matrix());
  const std::vector<float> expected = {0, 0, 0,         0, 1.323271F, 0,         0, 1.875567F,
                                       0, 0, 1.626428F, 0, 1.461135F, 1.203557F, 0, 1.261013F};
  for (std::int64_t u = 0; u < 16; ++u)
    EXPECT_NEAR(code[u], expected[static_cast<std::size_t>(u)], 1e-5) << u;
  Tensor<float> out({1, 64});
  reconstruct({.threads = 1}, model, x.matrix(), out.matrix());
  const std::vector<float> first = {0.09886541F, 0.1559453F, 1.043195F,   0.1886624F,
                                    0.083368F,   0.1908486F, 0.09636742F, 0.1600983F};
  for (std::int64_t d = 0; d < 8; ++d) EXPECT_NEAR(out[d], first[static_cast<std::size_t>(d)], 1e-5) << d;
}

void expect_near(std::span<const float> got, const std::vector<float>& expected) {
  ASSERT_GE(got.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-5) << i;
}

// Expected values were computed with NumPy in double from the file's tensors: correlations with zero padding,
// windows clipped at the edges, and each map's largest activation pasted where it exceeds its threshold.
TEST(GoldenModel, Format1OfAStackOfMapsLoadsEncodesAndReconstructsAsItDid) {
  const Model model = load_model(std::filesystem::path(WTA_GOLDEN_FOLDER) / "model-1-conv.safetensors");
  ASSERT_EQ(model.stages.size(), 2U);
  EXPECT_EQ(model.stages[0].options.at("arch"), "3conv3-4conv3-4deconv5");
  EXPECT_TRUE(model.stages[0].network.spatial);
  EXPECT_FALSE(model.stages[1].network.spatial);
  EXPECT_EQ(model.stages[1].sample_shape, (Shape{4, 4, 4}));
  EXPECT_EQ(model.stages[1].code_shape(), (Shape{2, 2, 5}));
  EXPECT_EQ(model.stages[0].summary.epochs, 40);
  const Tensor<float> x = golden_input();
  Tensor<float> all({1, 64 + 20});
  encode({.threads = 1}, model, x.matrix(), all.matrix(), {.all = true});
  expect_near(all.span(), {0.7154369F, 1.019876F, 0, 0.4992494F, 0.7154369F, 1.019876F, 0, 0.520199F});
  expect_near(all.span().subspan(64),
              {0.01815074F, 0, 0,          0, 0.419106F,  0, 0, 0,          0, 0.4949986F,
               0,           0, 0.3184239F, 0, 0.3667276F, 0, 0, 0.2873877F, 0, 0.6966118F});
  Tensor<float> out({1, 64});
  reconstruct({.threads = 1}, model, x.matrix(), out.matrix());
  expect_near(out.span().subspan(16, 8),
              {0.2617223F, 0.2617223F, 0.2617223F, 1.24264F, 0.7032281F, 1.177425F, 0.6343756F, 0.6113237F});
}

}  // namespace
}  // namespace wta
