#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/random_tensor.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

using testing_support::random_tensor;

// Thresholds that let about half of the activations through.
Model random_model(ModelOptions options, const Shape& shape) {
  options.init_scale = 0.3;
  Model model = make_model(options, shape, 4);
  Autoencoder& network = model.top().network;
  for (std::int64_t u = 0; u < network.units(); ++u) {
    network.thresholds[u] = 0.02F * static_cast<float>(u % 5);
    network.decoder_bias[u % network.decoder_bias.size()] = 0.1F;
  }
  return model;
}

Tensor<float> there_and_back(const Model& model, const Tensor<float>& x) {
  Tensor<float> codes({x.row_count(), code_size(model)});
  encode({.threads = 2}, model, x.matrix(), codes.matrix());
  Tensor<float> out({x.row_count(), x.row_size()});
  decode({.threads = 2}, model, codes.matrix(), out.matrix());
  return out;
}

struct DecodeCase {
  const char* name;
  ModelOptions options;
  Shape shape;
};

class Decode : public testing::TestWithParam<DecodeCase> {};

// Where codes keep every position, decoding them is what reconstruct() does.
TEST_P(Decode, OfACodeIsTheReconstruction) {
  const Model model = random_model(GetParam().options, GetParam().shape);
  const Tensor<float> x = random_tensor({21, element_count(GetParam().shape)}, 1, 9);
  Tensor<float> expected({x.row_count(), x.row_size()});
  reconstruct({.threads = 2}, model, x.matrix(), expected.matrix());
  const Tensor<float> out = there_and_back(model, x);
  for (std::int64_t i = 0; i < x.size(); ++i) ASSERT_NEAR(out[i], expected[i], 1e-4) << i;
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Decode,
    testing::Values(DecodeCase{"fc", {.arch = "30fc"}, {20}},
                    DecodeCase{"deep_fc", {.arch = "12fc-30fc"}, {20}},
                    DecodeCase{"rbm", {.model = "rbm", .arch = "30fc"}, {20}},
                    DecodeCase{"maps", {.arch = "6conv3-6deconv5", .pool = "off"}, {7, 9, 3}},
                    DecodeCase{"maps_of_all_positions",
                               {.arch = "6conv3-6deconv5", .spatial = "no", .pool = "off"},
                               {7, 9}}),
    [](const auto& instance) { return std::string(instance.param.name); });

// One map of ones, one channel: the atom appears around the middle of the window, cut off at the edge.
TEST(DecodePooled, AnActivationStandsInTheMiddleOfItsWindow) {
  Model model = make_model({.arch = "1conv3-1deconv3", .pool = "3/3"}, {7, 7}, 1);
  Autoencoder& network = model.top().network;
  std::ranges::fill(network.decoder_weight.span(), 1.0F);
  std::ranges::fill(network.decoder_bias.span(), 0.0F);
  ASSERT_THAT(model.top().code_shape(), testing::ElementsAre(3, 3, 1));
  Tensor<float> codes({2, 9});
  codes.matrix()(0, 4) = 2;  // the window of rows and columns 3 to 5
  codes.matrix()(1, 8) = 3;  // the last window: row and column 6 alone
  codes.matrix()(1, 0) = 1;  // smaller: with spatial sparsity it does not count
  Tensor<float> out({2, 49});
  decode({.threads = 1}, model, codes.matrix(), out.matrix());
  for (std::int64_t y = 0; y < 7; ++y) {
    for (std::int64_t x = 0; x < 7; ++x) {
      EXPECT_EQ(out.matrix()(0, y * 7 + x), std::abs(y - 4) <= 1 && std::abs(x - 4) <= 1 ? 2 : 0);
      EXPECT_EQ(out.matrix()(1, y * 7 + x), y >= 5 && x >= 5 ? 3 : 0);
    }
  }
}

TEST(DecodeStack, GoesDownStageByStage) {
  Model model = random_model({.arch = "30fc"}, {20});
  model.stages.push_back(random_model({.arch = "8fc"}, {30}).top());
  const Tensor<float> x = random_tensor({5, 20}, 1, 9);
  Tensor<float> codes({5, 8});
  encode({.threads = 1}, model, x.matrix(), codes.matrix());
  Model top;
  top.stages.push_back(model.stages[1]);
  Model bottom;
  bottom.stages.push_back(model.stages[0]);
  Tensor<float> middle({5, 30});
  Tensor<float> expected({5, 20});
  decode({.threads = 1}, top, codes.matrix(), middle.matrix());
  decode({.threads = 1}, bottom, middle.matrix(), expected.matrix());
  EXPECT_THAT(there_and_back(model, x).span(), testing::ElementsAreArray(expected.span()));
}

TEST(DecodeStack, CodesOfAnotherSizeAreRefused) {
  const Model model = random_model({.arch = "30fc"}, {20});
  Tensor<float> codes({2, 29});
  Tensor<float> out({2, 20});
  EXPECT_THROW(decode({.threads = 1}, model, codes.matrix(), out.matrix()), DataError);
}

}  // namespace
}  // namespace wta
