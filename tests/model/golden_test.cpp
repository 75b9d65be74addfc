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

}  // namespace
}  // namespace wta
