/// What an RBM is beside its training step: options, first weights, codes, reconstruction, file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>

#include "core/rng.h"
#include "model/bernoulli.h"
#include "model/model_file.h"
#include "support/files.h"
#include "support/posing_file.h"
#include "support/random_tensor.h"
#include "support/temporary_folder.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

using testing_support::message_of;
using testing_support::posing_file;
using testing_support::random_tensor;
using testing_support::TemporaryFolder;

TEST(Bernoulli, HitsWithItsProbabilityAndNeverWithZeroAlwaysWithOne) {
  const Bernoulli bernoulli(1, Purpose::hidden_sample);
  const std::vector<float> p(100000, 0.3F), never(1000, 0.0F), always(1000, 1.0F);
  std::vector<float> out(p.size());
  bernoulli.draw(0, 0, p, out);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(out, 1.0F)), 30000, 600);
  EXPECT_EQ(std::ranges::count(out, 0.0F) + std::ranges::count(out, 1.0F), 100000);
  out.resize(1000);
  bernoulli.draw(0, 0, never, out);
  EXPECT_EQ(std::ranges::count(out, 0.0F), 1000);
  bernoulli.draw(0, 0, always, out);
  EXPECT_EQ(std::ranges::count(out, 1.0F), 1000);
}

TEST(Bernoulli, DependsOnThePlaceAndTheStepAndNotOnTheTiles) {
  const Bernoulli bernoulli(1, Purpose::hidden_sample);
  const std::vector<float> p(103, 0.5F);
  std::vector<float> whole(103), pieces(103), later(103);
  bernoulli.draw(3, 40, p, whole);
  for (const auto& [begin, end] : {std::pair{0, 1}, {1, 7}, {7, 100}, {100, 103}}) {
    bernoulli.draw(3, 40 + begin, std::span(p).subspan(begin), std::span(pieces).subspan(begin, end - begin));
  }
  bernoulli.draw(4, 40, p, later);
  EXPECT_EQ(whole, pieces);
  EXPECT_NE(whole, later);
}

TEST(RbmOptions, DefaultsSuitTheModel) {
  const ModelOptions plain = resolve({.model = "rbm", .arch = "8fc"}, {6});
  EXPECT_TRUE(plain.lifetime.off);
  EXPECT_EQ(plain.tied, "yes");
  EXPECT_EQ(resolve({.model = "wta-rbm", .arch = "8fc"}, {6}).lifetime.fraction, 0.1);
  EXPECT_EQ(resolve({.arch = "8fc"}, {6}).lifetime.fraction, 0.05);
}

TEST(RbmOptions, OnlyAWtaRbmCompetesInTheNegativePhaseUnlessToldOtherwise) {
  const auto competes = [](const ModelOptions& options) {
    return make_model(options, {6}, 1).top().network.divergence.competing;
  };
  EXPECT_TRUE(competes({.model = "wta-rbm", .arch = "8fc"}));
  EXPECT_FALSE(competes({.model = "wta-rbm", .arch = "8fc", .cd_competition = "positive"}));
  EXPECT_FALSE(competes({.model = "rbm", .arch = "8fc"}));
  EXPECT_FALSE(competes({.arch = "8fc"}));
}

TEST(RbmOptions, WhatDoesNotSuitAnRbmIsRefusedByName) {
  const auto message = [](const ModelOptions& options) {
    return message_of<InvalidArgument>([&] { (void)resolve(options, {6, 6}); });
  };
  const std::vector<std::pair<ModelOptions, std::string>> cases = {
      {{.model = "rbm", .arch = "8fc-9fc"},
       "model: an RBM has one fully connected layer of hidden units; got "
       "model 'rbm', arch '8fc-9fc'. Try: --arch 9fc."},
      {{.model = "wta-rbm", .arch = "8conv3-8deconv3"}, "one fully connected layer"},
      {{.model = "rbm", .arch = "8fc", .tied = "no"}, "tied: an RBM has one weight matrix"},
      {{.model = "rbm", .arch = "8fc", .spatial = "yes"}, "spatial"},
      {{.model = "rbm", .arch = "8fc", .input_dropout = 0.1}, "input_dropout: an RBM trains without dropout"},
      {{.model = "rbm", .arch = "8fc", .hidden_dropout = 0.1},
       "hidden_dropout: an RBM trains without dropout"},
      {{.model = "rbm", .arch = "8fc", .lifetime = {.fraction = 0.1}}, "Try: --model wta-rbm"},
      {{.model = "wta-rbm", .arch = "8fc", .lifetime = {.off = true}}, "Try: --model rbm"},
      {{.arch = "8fc", .cd_persistent = true},
       "cd_persistent: only an RBM runs Gibbs chains; got model 'autoencoder'"},
      {{.model = "rbm", .arch = "8fc", .cd_competition = "positive"},
       "cd_competition: only the hidden units of a wta-rbm compete in phases; got model 'rbm', "
       "cd_competition positive. Try: --model wta-rbm."},
      {{.arch = "8fc", .cd_competition = "positive"}, "got model 'autoencoder', cd_competition positive"},
      {{.arch = "8fc", .cd_steps = 2}, "cd_steps: only an RBM runs a Gibbs chain; got model 'autoencoder'"},
      {{.arch = "8fc", .weight_decay = 0.1}, "weight_decay: only the weights of an RBM decay"}};
  for (const auto& [options, expected] : cases) EXPECT_THAT(message(options), testing::HasSubstr(expected));
}

TEST(Rbm, StartsWithTheLogOddsOfTheMeanAsVisibleBias) {
  Model model = make_model({.model = "rbm", .arch = "2fc"}, {3}, 1);
  const std::vector<double> mean = {0.25, 0, 1};
  centre_on(model.top().network, mean);
  const Tensor<float>& bias = model.top().network.decoder_bias;
  EXPECT_NEAR(bias[0], std::log(0.25 / 0.75), 1e-6);
  EXPECT_NEAR(bias[1], std::log(0.01 / 0.99), 1e-6);
  EXPECT_NEAR(bias[2], std::log(0.99 / 0.01), 1e-5);
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

TEST(RbmCodes, AreTheProbabilitiesOfTheHiddenUnitsAndReconstructThoseOfTheVisible) {
  for (const char* kind : {"rbm", "wta-rbm"}) {
    Model model = make_model({.model = kind, .arch = "9fc", .init_scale = 0.5}, {5}, 1);
    Autoencoder& network = model.top().network;
    network.decoder_bias[2] = -1;
    network.thresholds[3] = 0.6F;
    const Tensor<float> x = random_tensor({4, 5}, 0, 11);
    Tensor<float> codes({4, 9}), out({4, 5});
    encode({.threads = 1}, model, x.matrix(), codes.matrix());
    reconstruct({.threads = 1}, model, x.matrix(), out.matrix());
    const ConstMatrixView<float> w = std::as_const(network).encoder[0].weight.matrix();
    for (std::int64_t n = 0; n < 4; ++n) {
      std::vector<double> sums(network.decoder_bias.span().begin(), network.decoder_bias.span().end());
      for (std::int64_t u = 0; u < 9; ++u) {
        double sum = network.encoder[0].bias[u];
        for (std::int64_t d = 0; d < 5; ++d) sum += w(u, d) * x.matrix()(n, d);
        EXPECT_NEAR(codes.matrix()(n, u), sigmoid(sum), 1e-6);
        // Without competition every probability counts.
        if (std::string(kind) == "wta-rbm" && sigmoid(sum) <= network.thresholds[u]) continue;
        for (std::int64_t d = 0; d < 5; ++d) sums[static_cast<std::size_t>(d)] += sigmoid(sum) * w(u, d);
      }
      for (std::int64_t d = 0; d < 5; ++d) {
        EXPECT_NEAR(out.matrix()(n, d), sigmoid(sums[static_cast<std::size_t>(d)]), 1e-6);
      }
    }
  }
}

TEST(RbmCodes, ARowDependsOnItsOwnSampleOnlyBitForBit) {
  const Model model = make_model({.model = "wta-rbm", .arch = "333fc", .init_scale = 0.1}, {785}, 1);
  const Tensor<float> x = random_tensor({300, 785}, 0, 11);
  Tensor<float> all({300, 333});
  encode({.threads = 2}, model, x.matrix(), all.matrix());
  for (const std::int64_t n : {0, 1, 7, 255, 256, 299}) {
    Tensor<float> one({1, 333});
    encode({.threads = 1}, model, x.matrix().row_range(n, n + 1), one.matrix());
    EXPECT_EQ(std::memcmp(one.data(), all.matrix().row(n), 333 * sizeof(float)), 0) << n;
  }
}

TEST(RbmFile, GivesTheSameRbmBack) {
  const TemporaryFolder folder;
  for (const char* kind : {"rbm", "wta-rbm"}) {
    const Model model =
        make_model({.model = kind, .arch = "7fc", .cd_steps = 3, .cd_persistent = true, .weight_decay = 0.25},
                   {2, 3}, 1);
    save_model(folder.path() / "model.safetensors", model);
    const Model loaded = load_model(folder.path());
    const Autoencoder& network = loaded.top().network;
    EXPECT_EQ(network.kind, model.top().network.kind);
    EXPECT_EQ(network.activation, Activation::sigmoid);
    EXPECT_EQ(network.divergence.steps, 3);
    EXPECT_TRUE(network.divergence.persistent);
    EXPECT_EQ(network.divergence.weight_decay, 0.25);
    EXPECT_EQ(loaded.top().options, model.top().options);
    EXPECT_THAT(network.encoder[0].weight.span(),
                testing::ElementsAreArray(model.top().network.encoder[0].weight.span()));
  }
}

TEST(RbmFile, WithTwoLayersADecoderOrOtherUnitsIsRefused) {
  const auto message = [](const char* arch, const char* tied, const char* activation) {
    const TensorFile file = posing_file("rbm", arch, tied, activation);
    return message_of<DataError>([&] { (void)from_tensor_file(file, "m.safetensors"); });
  };
  const std::string expected = "an RBM must have one layer of sigmoid units and no 'stages.0.decoder.weight'";
  EXPECT_THAT(message("7fc", "no", "sigmoid"), testing::HasSubstr(expected));
  EXPECT_THAT(message("8fc-7fc", "no", "sigmoid"), testing::HasSubstr(expected));
  EXPECT_THAT(message("7fc", "yes", "relu"), testing::HasSubstr(expected));
  EXPECT_EQ(message("7fc", "yes", "sigmoid"), "(nothing was thrown)");
}

TEST(ModelFile, FromBeforeTheModelWasAnOptionIsAnAutoencoder) {
  TensorFile file = to_tensor_file(make_model({.arch = "7fc"}, {6}, 1));
  std::string& options = file.metadata.at("options");
  const std::string from = R"("model":"autoencoder",)";
  options.replace(options.find(from), from.size(), "");
  const Model loaded = from_tensor_file(file, "m.safetensors");
  EXPECT_EQ(loaded.top().network.kind, NetworkKind::autoencoder);
  EXPECT_EQ(loaded.top().network.activation, Activation::relu);
  EXPECT_EQ(loaded.top().options.at("model"), "autoencoder");
}

}  // namespace
}  // namespace wta
