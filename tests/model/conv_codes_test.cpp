#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "support/dense_conv_autoencoder.h"
#include "support/files.h"
#include "support/random_tensor.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

using testing_support::DenseConvAutoencoder;
using testing_support::DenseMaps;
using testing_support::message_of;
using testing_support::random_tensor;

// Stages with random weights and thresholds, each on the codes of the one below.
Model stack_of(const std::vector<ModelOptions>& stages, Shape shape) {
  Model model;
  for (const ModelOptions& options : stages) {
    model.stages.push_back(make_stage(options, shape, 1, static_cast<std::int64_t>(model.stages.size())));
    Autoencoder& network = model.top().network;
    for (std::int64_t u = 0; u < network.units(); ++u) {
      network.encoder.back().bias[u] = 0.05F * static_cast<float>(u % 3 - 1);
      network.thresholds[u] = 0.1F * static_cast<float>(u % 4);
    }
    for (std::int64_t c = 0; c < network.decoder_bias.size(); ++c)
      network.decoder_bias[c] = 0.1F * static_cast<float>(c + 1);
    shape = model.top().code_shape();
  }
  return model;
}

const ModelOptions kFirst{.arch = "6conv3-9conv5-9deconv5", .pool = "3/2", .init_scale = 0.3};
const ModelOptions kSecond{.arch = "7conv3-7deconv3", .pool = "2/2", .init_scale = 0.2};
const ModelOptions kFc{.arch = "33fc", .init_scale = 0.2};
const Shape kColourImage = {11, 8, 3};

const std::vector<std::pair<std::string, StageChoice>> kChoices = {
    {"top", {}}, {"all", {.all = true}}, {"1", {.stage = 0}}};

void expect_rows_of_their_own(const Model& model, const StageChoice& choice, const std::string& name) {
  constexpr std::int64_t kSamples = 70;
  const Tensor<float> x = random_tensor({kSamples, element_count(kColourImage)}, 0, 11);
  const std::int64_t size = code_size(model, choice);
  Tensor<float> all({kSamples, size});
  encode({.threads = 2}, model, x.matrix(), all.matrix(), choice);
  for (const std::int64_t n : {0, 1, 7, 31, 32, 63, 69}) {
    Tensor<float> one({1, size});
    encode({.threads = 1}, model, x.matrix().row_range(n, n + 1), one.matrix(), choice);
    EXPECT_EQ(std::memcmp(one.data(), all.matrix().row(n), static_cast<std::size_t>(size) * sizeof(float)), 0)
        << name << ", sample " << n;
  }
}

TEST(ConvCodes, ARowDependsOnItsOwnSampleOnlyBitForBit) {
  expect_rows_of_their_own(stack_of({kFirst}, kColourImage), {}, "one stage");
  for (const ModelOptions& second : {kSecond, kFc}) {
    const Model stack = stack_of({kFirst, second}, kColourImage);
    for (const auto& [name, choice] : kChoices)
      expect_rows_of_their_own(stack, choice, second.arch + ", " + name);
  }
}

TEST(ConvCodes, AReconstructedRowDependsOnItsOwnSampleOnlyBitForBit) {
  constexpr std::int64_t kSamples = 70;
  const Tensor<float> x = random_tensor({kSamples, element_count(kColourImage)}, 0, 11);
  for (const char* spatial : {"yes", "no"}) {
    ModelOptions options = kFirst;
    options.spatial = spatial;
    const Model model = stack_of({options}, kColourImage);
    Tensor<float> all({kSamples, x.row_size()});
    reconstruct({.threads = 2}, model, x.matrix(), all.matrix());
    for (const std::int64_t n : {0, 1, 31, 32, 69}) {
      Tensor<float> one({1, x.row_size()});
      reconstruct({.threads = 1}, model, x.matrix().row_range(n, n + 1), one.matrix());
      EXPECT_THAT(one.span(), testing::ElementsAreArray(all.matrix().row_span(n))) << spatial << ' ' << n;
    }
  }
}

// ReLU maps and pooling in double; the values of a code lie in the order [py][px][map].
DenseMaps direct_codes(const Stage& stage, ConstMatrixView<float> x) {
  DenseConvAutoencoder dense(stage.network);
  return max_pool(dense.encode(x), stage.pooling);
}

void expect_codes_near(ConstMatrixView<float> codes, const std::vector<double>& expected,
                       const std::string& name, double tolerance = 1e-5) {
  ASSERT_EQ(static_cast<std::int64_t>(expected.size()), codes.rows * codes.cols) << name;
  for (std::int64_t n = 0; n < codes.rows; ++n) {
    for (std::int64_t i = 0; i < codes.cols; ++i)
      ASSERT_NEAR(codes(n, i), expected[static_cast<std::size_t>(n * codes.cols + i)], tolerance)
          << name << ' ' << i;
  }
}

TEST(ConvCodes, AreReluMapsPooledInWindowsThatAreClippedAtTheEdge) {
  const Tensor<float> x = random_tensor({5, element_count(kColourImage)}, 0, 11);
  for (const char* pool : {"3/2", "5/3", "2/2", "4/1", "1/1", "8/8", "off"}) {
    ModelOptions options = kFirst;
    options.pool = pool;
    const Model model = stack_of({options}, kColourImage);
    Tensor<float> codes({5, code_size(model)});
    encode({.threads = 2}, model, x.matrix(), codes.matrix());
    expect_codes_near(codes.matrix(), direct_codes(model.top(), x.matrix()).values, pool);
  }
}

// Each stage against the direct computation on the codes of the one below, and `all` = side by side.
TEST(ConvCodes, OfAStackAreThoseOfEachStageOnTheCodesBelow) {
  constexpr std::int64_t kSamples = 6;
  const Tensor<float> x = random_tensor({kSamples, element_count(kColourImage)}, 0, 11);
  const Model model = stack_of({kFirst, kSecond, kFc}, kColourImage);
  Tensor<float> all({kSamples, code_size(model, {.all = true})});
  encode({.threads = 2}, model, x.matrix(), all.matrix(), {.all = true});
  Tensor<float> below = x;
  std::int64_t column = 0;
  for (std::size_t s = 0; s < model.stages.size(); ++s) {
    const StageChoice choice{.stage = static_cast<std::int64_t>(s)};
    Tensor<float> codes({kSamples, code_size(model, choice)});
    encode({.threads = 2}, model, x.matrix(), codes.matrix(), choice);
    if (model.stages[s].network.convolutional())
      expect_codes_near(codes.matrix(), direct_codes(model.stages[s], below.matrix()).values,
                        std::to_string(s));
    for (std::int64_t n = 0; n < kSamples; ++n) {
      const auto part = all.matrix().row_span(n).subspan(static_cast<std::size_t>(column),
                                                         static_cast<std::size_t>(codes.row_size()));
      EXPECT_THAT(part, testing::ElementsAreArray(codes.matrix().row_span(n))) << "stage " << s;
    }
    column += codes.row_size();
    below = std::move(codes);
  }
  EXPECT_EQ(column, all.row_size());
  Tensor<float> top({kSamples, 33});
  encode({.threads = 1}, model, x.matrix(), top.matrix());
  EXPECT_THAT(top.span(), testing::ElementsAreArray(std::as_const(below).span()));
}

TEST(ConvCodes, AStageThatTheModelLacksIsRefused) {
  const Model model = stack_of({kFirst, kFc}, kColourImage);
  EXPECT_THAT(message_of<InvalidArgument>([&] { (void)code_size(model, parse_stage_choice("3")); }),
              testing::HasSubstr("the model has 2 stages; got 3. Try: top, all or 1..2"));
  for (const char* text : {"0", "-1", "1.5", "", "first", "1 "}) {
    EXPECT_THAT(message_of<InvalidArgument>([&] { (void)parse_stage_choice(text); }),
                testing::HasSubstr("stages: must be top, all or a stage counted from 1"));
  }
}

// Keeps what a reconstruction counts: activations above the threshold; with spatial sparsity, of each map's
// largest alone.
DenseMaps counted(DenseMaps h, const Autoencoder& network) {
  const std::int64_t positions = h.height * h.width;
  for (std::int64_t n = 0; n < h.samples; ++n) {
    for (std::int64_t u = 0; u < h.channels; ++u) {
      std::int64_t largest = 0;
      const auto value = [&](std::int64_t p) -> double& { return h.at(n, p / h.width, p % h.width, u); };
      for (std::int64_t p = 1; p < positions; ++p) {
        if (value(p) > value(largest)) largest = p;
      }
      for (std::int64_t p = 0; p < positions; ++p) {
        const bool chosen = !network.spatial || p == largest;
        if (!chosen || value(p) <= network.thresholds[u]) value(p) = 0;
      }
    }
  }
  return h;
}

TEST(ConvReconstruction, IsWhatTheActivationsAboveTheirThresholdPaste) {
  const Tensor<float> x = random_tensor({6, element_count(kColourImage)}, 0, 11);
  for (const char* spatial : {"yes", "no"}) {
    ModelOptions options = kFirst;
    options.spatial = spatial;
    const Model model = stack_of({options}, kColourImage);
    Tensor<float> out({6, x.row_size()});
    reconstruct({.threads = 2}, model, x.matrix(), out.matrix());
    DenseConvAutoencoder dense(model.top().network);
    const DenseMaps h = counted(dense.encode(x.matrix()), model.top().network);
    const auto active = std::ranges::count_if(h.values, [](double v) { return v > 0; });
    EXPECT_GT(active, 10) << spatial;
    EXPECT_LT(active, static_cast<std::int64_t>(h.values.size())) << spatial;
    // Hundreds of terms of either sign, whose sums reach some tens on the way.
    expect_codes_near(out.matrix(), dense.decode(h).values, spatial, 1e-4);
  }
}

TEST(ConvReconstruction, OfAStackIsThatOfItsFirstStage) {
  const Tensor<float> x = random_tensor({3, element_count(kColourImage)}, 0, 11);
  Tensor<float> one({3, x.row_size()});
  Tensor<float> two({3, x.row_size()});
  reconstruct({.threads = 1}, stack_of({kFirst}, kColourImage), x.matrix(), one.matrix());
  reconstruct({.threads = 1}, stack_of({kFirst, kSecond}, kColourImage), x.matrix(), two.matrix());
  EXPECT_THAT(two.span(), testing::ElementsAreArray(std::as_const(one).span()));
}

}  // namespace
}  // namespace wta
