#include <gtest/gtest.h>

#include "wta/classifier.h"
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

void expect_golden(std::span<const float> got, const std::vector<float>& expected) {
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
  expect_golden(all.span(), {0.7154369F, 1.019876F, 0, 0.4992494F, 0.7154369F, 1.019876F, 0, 0.520199F});
  expect_golden(all.span().subspan(64),
                {0.01815074F, 0, 0,          0, 0.419106F,  0, 0, 0,          0, 0.4949986F,
                 0,           0, 0.3184239F, 0, 0.3667276F, 0, 0, 0.2873877F, 0, 0.6966118F});
  Tensor<float> out({1, 64});
  reconstruct({.threads = 1}, model, x.matrix(), out.matrix());
  expect_golden(out.span().subspan(16, 8), {0.2617223F, 0.2617223F, 0.2617223F, 1.24264F, 0.7032281F,
                                            1.177425F, 0.6343756F, 0.6113237F});
}

// The code of the golden input, times `factor`, by all stages of the file.
std::vector<float> golden_code(const std::string& name, float factor = 1) {
  const Model model = load_model(std::filesystem::path(WTA_GOLDEN_FOLDER) / (name + ".safetensors"));
  Tensor<float> x = golden_input();
  for (float& value : x.span()) value *= factor;
  Tensor<float> code({1, code_size(model, {.all = true})});
  encode({.threads = 1}, model, x.matrix(), code.matrix(), {.all = true});
  return {code.span().begin(), code.span().end()};
}

// Expected values were computed with NumPy in double from the file's tensors.
TEST(GoldenModel, Format1OfEveryOtherKindEncodesAsItDid) {
  expect_golden(golden_code("model-1-zca"), {0, 0.2344413F, 0, 0, 0.3153959F, 0.9140302F, 0, 0.5318968F,
                                             0.3751844F, 0, 1.026931F, 0.7275079F});
  expect_golden(
      golden_code("model-1-rbm"),
      {0.4959158F, 0.4959285F, 0.4917806F, 0.4920787F, 0.4989256F, 0.5078528F, 0.4929799F, 0.5047663F,
       0.4973598F, 0.4900983F, 0.5067041F, 0.4939716F, 0.5066167F, 0.505206F,  0.5044436F, 0.5188626F,
       0.5031207F, 0.5103823F, 0.5191252F, 0.5159854F, 0.5104144F, 0.5156432F});
  expect_golden(golden_code("model-1-k-sparse"), {0, 0, 0, 0, 0.6950336F, 0.7525677F, 0, 0.6851469F,
                                                  0.7062403F, 0, 0, 0, 0, 0, 0, 0.6914806F});
  expect_golden(golden_code("model-1-range-pca"),
                {-0.100204F, 0.1220723F, 0.1242672F, 0.03257415F, -0.06468086F, -0.2022064F});
  expect_golden(golden_code("model-1-thresholds", 0.4375F),
                {0.8031637F, 0.8298797F, 0.8095075F, 0, 0.9249271F, 0.9099517F, 0, 0.8878777F, 0.82045F,
                 0.8076373F, 0.9024637F, 0.879066F});
}

// The largest of the scores computed in the same way is 0.1875 for class 1, the next one -0.37 for class 7.
TEST(GoldenClassifier, Format1LoadsAndPredictsAsItDid) {
  const LinearClassifier classifier =
      load_classifier(std::filesystem::path(WTA_GOLDEN_FOLDER) / "classifier-1.safetensors");
  EXPECT_EQ(classifier.class_names, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7"}));
  EXPECT_EQ(classifier.C, 0x1p-6);
  EXPECT_EQ(classifier.code_scale, 1.33486722268871);
  EXPECT_EQ(classifier.stages, "top");
  const std::vector<float> code = golden_code("model-1-k-sparse");
  const Tensor<float> codes({1, 16}, std::vector<float>(code));
  EXPECT_EQ(classifier.predict({.threads = 1}, codes.matrix()), std::vector<std::int32_t>{1});
}

}  // namespace
}  // namespace wta
