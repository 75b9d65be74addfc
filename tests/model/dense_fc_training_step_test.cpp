#include "model/dense_fc_training_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "model/kl_penalty.h"
#include "model/parameters.h"
#include "optim/optimizer.h"
#include "support/central_differences.h"
#include "support/dense_autoencoder.h"
#include "support/files.h"
#include "support/random_tensor.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::DenseAutoencoder;
using testing_support::DenseParameter;
using testing_support::message_of;
using testing_support::random_tensor;
using testing_support::relative_difference;
using testing_support::TemporaryFolder;

std::vector<ModelOptions> all_kinds(const std::string& arch) {
  std::vector<ModelOptions> kinds;
  for (const char* tied : {"yes", "no"}) {
    kinds.push_back({.arch = arch, .tied = tied, .init_scale = 0.2, .kl_weight = 0.3, .kl_target = 0.1});
    kinds.push_back({.arch = arch, .tied = tied, .init_scale = 0.2, .activation = "sigmoid"});
    kinds.push_back({.arch = arch, .tied = tied, .init_scale = 0.2, .activation = "identity"});
  }
  return kinds;
}

TEST(DenseFc, GradientsOfThePlainNetworkEqualCentralDifferences) {
  for (const ModelOptions& options : all_kinds("9fc")) {
    const Model model = make_model(options, {6}, 1);
    const Tensor<float> x = random_tensor({7, 6}, 0);
    const Tensor<float> target = random_tensor({7, 6}, 1);
    DenseAutoencoder dense(model.top().network);
    testing_support::expect_central_differences(
        dense, [&] { return dense.dense_step(x.matrix(), target.matrix()); }, 1e-7);
  }
}

// 20 steps, the target differing from the input.
TEST(DenseFc, StepsEqualThoseOfThePlainNetwork) {
  const OptimizerOptions sgd{.optimizer = "sgd", .lr = 1e-3, .momentum = 0.9, .schedule = "constant"};
  for (const ModelOptions& options : all_kinds("203fc")) {
    Model model = make_model(options, {147}, 3);
    Optimizer optimizer(sgd, parameters(model.top().network));
    const auto step = make_training_step({.threads = 2, .seed = 3}, model.top().network);
    ASSERT_NE(dynamic_cast<DenseFcTrainingStep*>(step.get()), nullptr);
    UpdatingSink sink(optimizer, parameters(model.top().network));
    DenseAutoencoder dense(model.top().network);
    for (std::int64_t s = 0; s < 20; ++s) {
      const Tensor<float> x = random_tensor({30, 147}, static_cast<std::uint64_t>(s));
      const Tensor<float> target = random_tensor({30, 147}, static_cast<std::uint64_t>(s + 100));
      optimizer.begin_step(s, 20);
      const StepResult result = step->forward({x.matrix(), target.matrix(), s});
      const double loss = dense.dense_step(x.matrix(), target.matrix());
      EXPECT_NEAR(result.loss, loss, 1e-5 * loss) << "step " << s;
      step->backward(x.matrix(), sink);
      testing_support::update(dense.parameters(), sgd, optimizer.learning_rate(), s + 1);
    }
    const std::vector<Parameter> ours = parameters(model.top().network);
    for (std::size_t p = 0; p < ours.size(); ++p) {
      EXPECT_LT(relative_difference(ours[p].value, dense.parameters()[p].value), 3e-6)
          << options.activation << ", tied " << options.tied << ", " << ours[p].name;
    }
  }
}

TEST(DenseFc, OneTwoAndThreeThreadsGiveTheSameBits) {
  const Tensor<float> x = random_tensor({130, 300}, 0);
  for (const ModelOptions& options : all_kinds("600fc")) {
    std::vector<StoringSink> sinks;
    for (const int threads : {1, 2, 3}) {
      Model model = make_model(options, {300}, 2);
      DenseFcTrainingStep step({.threads = threads, .seed = 3}, model.top().network);
      StoringSink& sink = sinks.emplace_back(parameters(model.top().network));
      step.forward(x.matrix());
      step.backward(x.matrix(), sink);
    }
    const std::int64_t count = options.tied == "yes" ? 3 : 4;
    for (std::int64_t p = 0; p < count; ++p) {
      const Tensor<float>& one = sinks[0].gradient(p);
      const auto bytes = static_cast<std::size_t>(one.size()) * sizeof(float);
      for (const std::size_t other : {1U, 2U}) {
        EXPECT_EQ(std::memcmp(one.data(), sinks[other].gradient(p).data(), bytes), 0) << "parameter " << p;
      }
    }
  }
}

TEST(KlPenalty, IsZeroAtItsTargetAndFiniteEverywhere) {
  const KlPenalty penalty{.weight = 2, .target = 0.1};
  EXPECT_NEAR(penalty_of(penalty, 0.1), 0, 1e-15);
  EXPECT_NEAR(penalty_slope(penalty, 0.1), 0, 1e-15);
  EXPECT_NEAR(penalty_of(penalty, 0.5), 2 * (0.1 * std::log(0.2) + 0.9 * std::log(1.8)), 1e-12);
  for (const double mean : {0.0, 1.0}) {
    EXPECT_TRUE(std::isfinite(penalty_of(penalty, mean)));
    EXPECT_TRUE(std::isfinite(penalty_slope(penalty, mean)));
  }
}

TEST(KlPenalty, PullsTheMeanActivationToItsTarget) {
  Model model = make_model({.arch = "40fc", .kl_weight = 1, .kl_target = 0.1}, {36}, 1);
  const OptimizerOptions adam{.optimizer = "adam", .lr = 0.02, .schedule = "constant"};
  Optimizer optimizer(adam, parameters(model.top().network));
  DenseFcTrainingStep step({.threads = 1}, model.top().network);
  UpdatingSink sink(optimizer, parameters(model.top().network));
  const Tensor<float> x = random_tensor({50, 36}, 0);
  double mean = 0;
  for (std::int64_t s = 0; s < 300; ++s) {
    optimizer.begin_step(s, 300);
    step.forward(x.matrix());
    mean = 0;
    for (std::int64_t u = 0; u < 40; ++u) {
      for (const float h : step.hidden().row_span(u)) mean += h / (40.0 * 50);
    }
    step.backward(x.matrix(), sink);
  }
  EXPECT_NEAR(mean, 0.1, 0.03);
}

TEST(SigmoidCodes, ArePlainAndDependOnTheirSampleAlone) {
  const Model model = make_model({.arch = "333fc", .init_scale = 0.1, .activation = "sigmoid"}, {50}, 1);
  const Tensor<float> x = random_tensor({300, 50}, 0);
  Tensor<float> codes({300, 333});
  encode({.threads = 2}, model, x.matrix(), codes.matrix());
  DenseAutoencoder dense(model.top().network);
  dense.dense_step(x.matrix(), x.matrix());
  for (std::int64_t n = 0; n < 300; ++n) {
    for (std::int64_t u = 0; u < 333; ++u) {
      ASSERT_NEAR(codes.matrix()(n, u), dense.activations().at(n, u), 1e-5);
    }
    Tensor<float> one({1, 333});
    encode({.threads = 1}, model, x.matrix().row_range(n, n + 1), one.matrix());
    ASSERT_EQ(std::memcmp(one.data(), codes.matrix().row(n), 333 * sizeof(float)), 0) << n;
  }
}

TEST(KlPenalty, ComesBackFromTheFileAndIsRefusedWhereItDoesNotSuit) {
  const TemporaryFolder folder;
  save_model(folder.path() / "model.safetensors",
             make_model({.arch = "9fc", .kl_weight = 0.5, .kl_target = 0.2}, {6}, 1));
  const Autoencoder network = load_model(folder.path()).top().network;
  EXPECT_EQ(network.activation, Activation::sigmoid);
  EXPECT_EQ(network.kl.weight, 0.5);
  EXPECT_EQ(network.kl.target, 0.2);
  const auto message = [](const ModelOptions& options) {
    return message_of<InvalidArgument>([&] { (void)resolve(options, {6, 6}); });
  };
  const std::vector<std::pair<ModelOptions, std::string>> cases = {
      {{.arch = "8fc", .activation = "relu", .kl_weight = 1}, "kl_weight: only the mean activation"},
      {{.arch = "8fc", .k_sparse = 2, .kl_weight = 1}, "kl_weight: only the mean activation"},
      {{.model = "rbm", .arch = "8fc", .kl_weight = 1}, "kl_weight: only the mean activation"},
      {{.arch = "8fc-8fc", .kl_weight = 1},
       "activation: only an encoder of one fully connected layer is sigmoid"},
      {{.arch = "8conv3-8deconv3", .activation = "identity"},
       "activation: only an encoder of one fully connected"},
      {{.arch = "8fc", .lifetime = {.fraction = 0.1}, .kl_weight = 1},
       "lifetime: sigmoid units do not compete across the mini-batch"}};
  for (const auto& [options, expected] : cases) EXPECT_THAT(message(options), testing::HasSubstr(expected));
}

}  // namespace
}  // namespace wta
