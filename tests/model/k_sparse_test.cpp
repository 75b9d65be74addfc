#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "model/fc_training_step.h"
#include "support/central_differences.h"
#include "support/dense_autoencoder.h"
#include "support/files.h"
#include "support/random_tensor.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::Dense;
using testing_support::DenseAutoencoder;
using testing_support::DenseParameter;
using testing_support::message_of;
using testing_support::random_tensor;
using testing_support::TemporaryFolder;

// The dense path in double, with the winners frozen: its gradient, which the step's is compared with
// elsewhere, is that of the loss.
TEST(KSparse, GradientsOfTheDensePathEqualCentralDifferences) {
  for (const char* tied : {"yes", "no"}) {
    Model model = make_model({.arch = "9fc", .tied = tied, .init_scale = 0.5, .k_sparse = 4}, {6}, 1);
    const Tensor<float> x = random_tensor({7, 6}, 0);
    FcTrainingStep step({.threads = 1}, model.top().network);
    step.forward(x.matrix());
    ASSERT_TRUE(std::ranges::any_of(step.winners().value, [](float v) { return v < 0; }));
    DenseAutoencoder dense(model.top().network);
    testing_support::expect_central_differences(
        dense, [&] { return dense.step(x.matrix(), step.winners()); }, 1e-8);
  }
}

TEST(KSparse, EverySampleKeepsItsLargestActivationsWhateverTheirSign) {
  Model model = make_model({.arch = "203fc", .init_scale = 0.1, .k_sparse = 120}, {40}, 1);
  FcTrainingStep step({.threads = 2}, model.top().network);
  const Tensor<float> x = random_tensor({70, 40}, 0);
  step.forward(x.matrix());
  DenseAutoencoder dense(model.top().network);
  dense.step(x.matrix(), step.winners());
  const Winners<float>& winners = step.winners();
  ASSERT_EQ(winners.count(), 70 * 120);
  for (std::int64_t n = 0; n < 70; ++n) {
    std::vector<double> row;
    for (std::int64_t u = 0; u < 203; ++u) row.push_back(dense.activations().at(n, u));
    std::vector<double> sorted = row;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    ASSERT_LT(sorted[119], 0);
    const auto first = winners.sample_offsets[static_cast<std::size_t>(n)];
    ASSERT_EQ(winners.sample_offsets[static_cast<std::size_t>(n) + 1] - first, 120);
    for (std::int64_t i = first; i < first + 120; ++i) {
      const auto w = static_cast<std::size_t>(winners.by_sample[static_cast<std::size_t>(i)]);
      const double h = row[static_cast<std::size_t>(winners.unit[w])];
      EXPECT_GE(h, sorted[119] - 1e-6);
      EXPECT_NEAR(winners.value[w], h, 1e-6);
    }
  }
}

// Rectified: what is not positive is no winner, and takes no part in the gradient.
TEST(KSparse, OfRectifiedUnitsKeepsTheLargestPositiveOnes) {
  Model linear = make_model({.arch = "203fc", .init_scale = 0.1, .k_sparse = 120}, {40}, 1);
  Model rectified =
      make_model({.arch = "203fc", .init_scale = 0.1, .activation = "relu", .k_sparse = 120}, {40}, 1);
  EXPECT_TRUE(rectified.top().network.lifetime.off);
  const Tensor<float> x = random_tensor({70, 40}, 0);
  FcTrainingStep all({.threads = 2}, linear.top().network);
  all.forward(x.matrix());
  FcTrainingStep step({.threads = 2}, rectified.top().network);
  step.forward(x.matrix());
  std::vector<float> positive;
  std::ranges::copy_if(all.winners().value, std::back_inserter(positive), [](float v) { return v > 0; });
  ASSERT_LT(positive.size(), all.winners().value.size());
  EXPECT_THAT(step.winners().value, testing::ElementsAreArray(positive));
  EXPECT_EQ(step.winners().count(), static_cast<std::int64_t>(positive.size()));
}

TEST(KSparse, KFallsLinearlyOverTheFirstHalf) {
  const SampleSparsity annealed{.k = 20, .start = 100};
  EXPECT_EQ(annealed.k_at(0), 100);
  EXPECT_EQ(annealed.k_at(0.25), 60);
  EXPECT_EQ(annealed.k_at(0.5), 20);
  EXPECT_EQ(annealed.k_at(0.9), 20);
  EXPECT_EQ((SampleSparsity{.k = 20}).k_at(0), 20);
  Model model = make_model({.arch = "60fc", .k_sparse = 5, .k_sparse_start = 25}, {10}, 1);
  FcTrainingStep step({.threads = 1}, model.top().network);
  const Tensor<float> x = random_tensor({8, 10}, 0);
  step.forward({x.matrix(), x.matrix(), 0, 0.25});
  EXPECT_EQ(step.winners().count(), 8 * 15);
}

TEST(KSparse, CodesKeepAlphaTimesKAndDependOnTheirSampleAlone) {
  Model model =
      make_model({.arch = "333fc", .init_scale = 0.1, .k_sparse = 25, .k_sparse_alpha = 1.5}, {50}, 1);
  const Tensor<float> x = random_tensor({300, 50}, 0);
  Tensor<float> codes({300, 333});
  encode({.threads = 2}, model, x.matrix(), codes.matrix());
  DenseAutoencoder dense(model.top().network);
  FcTrainingStep step({.threads = 1}, model.top().network);
  step.forward(x.matrix());
  dense.step(x.matrix(), step.winners());
  for (std::int64_t n = 0; n < 300; ++n) {
    EXPECT_EQ(std::ranges::count_if(codes.matrix().row_span(n), [](float v) { return v != 0; }), 38);  // 37.5
    for (std::int64_t u = 0; u < 333; ++u) {
      const float code = codes.matrix()(n, u);
      if (code == 0) continue;
      EXPECT_NEAR(code, dense.activations().at(n, u), 1e-5);
    }
    Tensor<float> one({1, 333});
    encode({.threads = 1}, model, x.matrix().row_range(n, n + 1), one.matrix());
    ASSERT_EQ(std::memcmp(one.data(), codes.matrix().row(n), 333 * sizeof(float)), 0) << n;
  }
}

class KSparseActivation : public testing::TestWithParam<const char*> {};

TEST_P(KSparseActivation, ReconstructionsAreThoseOfTraining) {
  Model model = make_model(
      {.arch = "60fc", .init_scale = 0.3, .activation = GetParam(), .k_sparse = 40, .k_sparse_alpha = 1.2},
      {10}, 1);
  std::ranges::fill(model.top().network.thresholds.span(), 0.2F);  // k decides, not they
  const Tensor<float> x = random_tensor({8, 10}, 0);
  FcTrainingStep step({.threads = 1}, model.top().network);
  step.forward(x.matrix());
  Tensor<float> out({8, 10});
  reconstruct({.threads = 1}, model, x.matrix(), out.matrix());
  for (std::int64_t i = 0; i < out.size(); ++i) {
    EXPECT_NEAR(out[i] - x[i], step.residual()(i / 10, i % 10), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(All, KSparseActivation, testing::Values("identity", "relu"));

TEST(KSparse, GivesTheSameModelBackFromItsFile) {
  const TemporaryFolder folder;
  const Model model =
      make_model({.arch = "60fc", .k_sparse = 5, .k_sparse_alpha = 2.5, .k_sparse_start = 25}, {10}, 1);
  save_model(folder.path() / "model.safetensors", model);
  const Autoencoder network = load_model(folder.path()).top().network;
  EXPECT_EQ(network.activation, Activation::identity);
  EXPECT_EQ(network.k_sparse.k, 5);
  EXPECT_EQ(network.k_sparse.start, 25);
  EXPECT_EQ(network.k_sparse.code_factor, 2.5);
}

TEST(KSparse, WhatDoesNotSuitItIsRefusedByName) {
  const auto message = [](const ModelOptions& options) {
    return message_of<InvalidArgument>([&] { (void)resolve(options, {6, 6}); });
  };
  const std::vector<std::pair<ModelOptions, std::string>> cases = {
      {{.arch = "8fc", .k_sparse = 9}, "k_sparse: a sample keeps at most all 8 units; got 9"},
      {{.arch = "8fc-8fc", .k_sparse = 2}, "k_sparse: only an encoder of one fully connected layer"},
      {{.arch = "8conv3-8deconv3", .k_sparse = 2}, "k_sparse: only an encoder of one fully connected layer"},
      {{.arch = "8fc", .lifetime = {.fraction = 0.1}, .k_sparse = 2},
       "lifetime: k-sparse units do not compete across the mini-batch"},
      {{.arch = "8fc", .hidden_dropout = 0.5, .k_sparse = 2},
       "hidden_dropout: k-sparse units are not dropped"},
      {{.arch = "8fc", .activation = "relu", .k_sparse = 9}, "k_sparse: a sample keeps at most all 8 units"},
      {{.arch = "8fc-8fc", .activation = "relu", .k_sparse = 2},
       "k_sparse: only an encoder of one fully connected layer is k-sparse"},
      {{.arch = "8fc", .activation = "sigmoid", .k_sparse = 2},
       "activation: the hidden units of a k-sparse network"},
      {{.model = "rbm", .arch = "8fc", .k_sparse = 2},
       "k_sparse: the hidden units of an RBM compete by lifetime alone"},
      {{.model = "rbm", .arch = "8fc", .activation = "relu"},
       "activation: the hidden units of an RBM are sigmoid"},
      {{.arch = "8fc", .k_sparse = 4, .k_sparse_start = 3}, "k_sparse_start: k falls from k_sparse_start"},
      {{.arch = "8fc", .k_sparse_start = 3}, "k_sparse_start: k falls from k_sparse_start"},
      {{.arch = "8fc", .k_sparse_alpha = 2}, "k_sparse_alpha: only the codes of a k-sparse network"}};
  for (const auto& [options, expected] : cases) EXPECT_THAT(message(options), testing::HasSubstr(expected));
}

}  // namespace
}  // namespace wta
