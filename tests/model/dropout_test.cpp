#include "model/dropout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "model/fc_training_step.h"
#include "model/parameters.h"
#include "optim/optimizer.h"
#include "support/dense_autoencoder.h"
#include "support/random_tensor.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::Dense;
using testing_support::DenseAutoencoder;
using testing_support::random_tensor;

constexpr std::int64_t kDropoutStep = 5;
const Rate kOff{.off = true};

TEST(Dropout, DropsItsShareAndScalesTheRest) {
  std::vector<float> values(100000, 2.0F);
  const Dropout dropout(0.2, 1, Purpose::hidden_dropout);
  dropout.drop(0, 0, values, dropout.gain());
  const auto dropped = std::ranges::count(values, 0.0F);
  EXPECT_NEAR(static_cast<double>(dropped), 20000, 500);
  EXPECT_EQ(std::ranges::count(values, 2.5F), 100000 - dropped);
}

TEST(Dropout, DependsOnThePlaceAndTheStepAndNotOnTheTiles) {
  const Dropout dropout(0.5, 1, Purpose::input_dropout);
  std::vector<float> whole(103, 1.0F), pieces(103, 1.0F), later(103, 1.0F);
  dropout.drop(3, 40, whole);
  for (const auto& [begin, end] : {std::pair{0, 1}, {1, 7}, {7, 100}, {100, 103}}) {
    dropout.drop(3, 40 + begin, std::span(pieces).subspan(begin, end - begin));
  }
  dropout.drop(4, 40, later);
  EXPECT_EQ(whole, pieces);
  EXPECT_NE(whole, later);
}

TEST(Dropout, OfNothingLeavesEverythingAsItIs) {
  const Dropout dropout(0, 1, Purpose::input_dropout);
  std::vector<float> values(50, 3.0F);
  dropout.drop(0, 0, values, 7);
  EXPECT_FALSE(dropout.active());
  EXPECT_EQ(dropout.gain(), 1.0F);
  EXPECT_EQ(std::ranges::count(values, 3.0F), 50);
}

TEST(Dropout, AndACompetitionAreRefusedTogether) {
  for (const ModelOptions& options :
       {ModelOptions{.arch = "8fc", .hidden_dropout = 0.5},
        ModelOptions{.arch = "8conv3-8deconv3", .hidden_dropout = 0.5},
        ModelOptions{.arch = "8conv3-8deconv3", .lifetime = kOff, .hidden_dropout = 0.5}}) {
    EXPECT_THROW((void)resolve(options, {8, 8}), InvalidArgument) << options.arch;
  }
  EXPECT_NO_THROW((void)resolve({.arch = "8fc", .input_dropout = 0.5}, {8, 8}));
  EXPECT_NO_THROW((void)resolve({.arch = "8fc", .lifetime = kOff, .hidden_dropout = 0.5}, {8, 8}));
}

// Corrupted inputs and dropped units: gradients against the dense path, which is told who was left.
TEST(FcDropout, GradientsEqualThoseOfTheDensePath) {
  for (const ModelOptions& options :
       {ModelOptions{.arch = "65fc", .lifetime = kOff, .init_scale = 0.1, .hidden_dropout = 0.5},
        ModelOptions{
            .arch = "65fc", .lifetime = kOff, .tied = "no", .init_scale = 0.1, .hidden_dropout = 0.5},
        ModelOptions{.arch = "31fc-65fc", .lifetime = kOff, .init_scale = 0.1, .hidden_dropout = 0.3},
        ModelOptions{.arch = "65fc", .lifetime = {.fraction = 0.1}, .init_scale = 0.1}}) {
    Model model = make_model(options, {40}, 1);
    const Tensor<float> x = random_tensor({70, 40}, 0);
    const Tensor<float> target = random_tensor({70, 40}, 1);
    FcTrainingStep step({.threads = 2, .seed = 3}, model.top().network);
    StoringSink sink(parameters(model.top().network));
    const StepResult result = step.forward({x.matrix(), target.matrix(), kDropoutStep});
    step.backward(x.matrix(), sink);
    DenseAutoencoder dense(model.top().network);
    const double gain = 1 / (1 - options.hidden_dropout);
    const double loss = dense.step(x.matrix(), target.matrix(), step.winners(), gain);
    EXPECT_NEAR(result.loss, loss, 1e-5 * loss);
    for (std::size_t p = 0; p < dense.parameters().size(); ++p) {
      EXPECT_LT(relative_difference(sink.gradient(static_cast<std::int64_t>(p)).matrix(),
                                    dense.parameters()[p].gradient),
                1e-5)
          << options.arch << ", parameter " << p;
    }
  }
}

TEST(FcDropout, EveryActivationIsLeftScaledOrDropped) {
  Model model =
      make_model({.arch = "65fc", .lifetime = kOff, .init_scale = 0.1, .hidden_dropout = 0.25}, {40}, 1);
  const Tensor<float> x = random_tensor({70, 40}, 0);
  FcTrainingStep step({.threads = 1}, model.top().network);
  step.forward({x.matrix(), x.matrix(), kDropoutStep});
  DenseAutoencoder dense(model.top().network);
  dense.step(x.matrix(), step.winners());
  const Winners<float>& left = step.winners();
  for (std::size_t w = 0; w < left.value.size(); ++w) {
    EXPECT_NEAR(left.value[w], dense.activations().at(left.sample[w], left.unit[w]) / 0.75, 1e-5);
  }
  for (std::int64_t u = 0; u < 65; ++u) {  // thresholds of codes, which are not scaled, are means of these
    const std::span values = std::span(left.value)
                                 .subspan(static_cast<std::size_t>(left.offsets[u]),
                                          static_cast<std::size_t>(left.offsets[u + 1] - left.offsets[u]));
    if (values.empty()) continue;
    EXPECT_NEAR(step.activity().smallest[static_cast<std::size_t>(u)], std::ranges::min(values) * 0.75F,
                1e-5);
  }
  const auto active = std::ranges::count_if(dense.activations().values, [](double h) { return h > 0; });
  EXPECT_NEAR(static_cast<double>(left.count()) / static_cast<double>(active), 0.75, 0.05);
}

// A convolutional network without competition in double, for one step whose dropped activations are known.
struct ConvLoss {
  std::int64_t height, width;
  Tensor<float> x, target;
  std::vector<float> mask;  ///< [B, H, W, maps of the last layer] 0 or the gain

  using Maps = std::vector<double>;  ///< [B, H, W, channels]

  // out[n,p,o] = sum of w[o,i,j,c] * in[n, p + (i,j) - radius, c]
  [[nodiscard]] Maps convolve(const Maps& in, const Tensor<double>& weight,
                              const Tensor<double>& bias) const {
    const std::int64_t kernel = weight.shape()[1];
    const std::int64_t channels = weight.shape()[3];
    const std::int64_t maps = weight.shape()[0];
    Maps out(in.size() / static_cast<std::size_t>(channels) * static_cast<std::size_t>(maps));
    for_each_pair(kernel, [&](std::int64_t at, std::int64_t from, std::int64_t tap) {
      for (std::int64_t o = 0; o < maps; ++o) {
        for (std::int64_t c = 0; c < channels; ++c) {
          out[static_cast<std::size_t>(at * maps + o)] += weight[(o * kernel * kernel + tap) * channels + c] *
                                                          in[static_cast<std::size_t>(from * channels + c)];
        }
      }
    });
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = std::max(0.0, out[i] + bias[static_cast<std::int64_t>(i) % maps]);
    }
    return out;
  }

  // Calls action(position, its neighbour, tap): positions count through all samples.
  void for_each_pair(std::int64_t kernel,
                     const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& action) const {
    const std::int64_t radius = (kernel - 1) / 2;
    for (std::int64_t at = 0; at < x.row_count() * height * width; ++at) {
      for (std::int64_t tap = 0; tap < kernel * kernel; ++tap) {
        const std::int64_t row = at / width % height + tap / kernel - radius;
        const std::int64_t column = at % width + tap % kernel - radius;
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        action(at, at / (height * width) * height * width + row * width + column, tap);
      }
    }
  }

  // parameters: in the order of wta::parameters(), with their shapes.
  [[nodiscard]] double operator()(const std::vector<Tensor<double>>& parameters) const {
    Maps h(x.span().begin(), x.span().end());
    std::size_t p = 0;
    for (; p + 2 < parameters.size(); p += 2) h = convolve(h, parameters[p], parameters[p + 1]);
    for (std::size_t i = 0; i < h.size(); ++i) h[i] *= static_cast<double>(mask[i]);
    const Tensor<double>& atoms = parameters[p];
    const std::int64_t maps = atoms.shape()[0];
    const std::int64_t kernel = atoms.shape()[1];
    Maps r(target.span().begin(), target.span().end());
    for (double& value : r) value = parameters[p + 1][0] - value;
    for_each_pair(kernel, [&](std::int64_t at, std::int64_t to, std::int64_t tap) {
      for (std::int64_t o = 0; o < maps; ++o) {
        r[static_cast<std::size_t>(to)] +=
            h[static_cast<std::size_t>(at * maps + o)] * atoms[o * kernel * kernel + tap];
      }
    });
    double sum = 0;
    for (const double value : r) sum += value * value;
    return 0.5 * sum / static_cast<double>(x.row_count());
  }
};

std::vector<Tensor<double>> in_double(const Autoencoder& network) {
  const auto convert = [](const Tensor<float>& tensor) {
    return Tensor<double>(tensor.shape(), std::vector<double>(tensor.span().begin(), tensor.span().end()));
  };
  std::vector<Tensor<double>> values;
  for (const EncoderLayer& layer : network.encoder) {
    values.push_back(convert(layer.weight));
    values.push_back(convert(layer.bias));
  }
  values.push_back(convert(network.decoder_weight));
  values.push_back(convert(network.decoder_bias));
  return values;
}

const ModelOptions kConv{.arch = "3conv3-4conv5-4deconv7",
                         .lifetime = kOff,
                         .spatial = "no",
                         .init_scale = 0.2,
                         .hidden_dropout = 0.4};

TEST(ConvDropout, GradientsEqualCentralDifferences) {
  constexpr std::int64_t kSamples = 3;
  Model model = make_model(kConv, {8, 7}, 2);
  Autoencoder& network = model.top().network;
  ConvLoss loss{.height = 8,
                .width = 7,
                .x = random_tensor({kSamples, 56}, 0),
                .target = random_tensor({kSamples, 56}, 1),
                .mask = std::vector<float>(kSamples * 56 * 4, 1.0F)};
  const Dropout dropout(0.4, 3, Purpose::hidden_dropout);
  dropout.drop(kDropoutStep, 0, loss.mask, dropout.gain());
  const auto step = make_training_step({.threads = 2, .seed = 3}, network);
  StoringSink sink(parameters(network));
  const Tensor<float>& x = loss.x;
  const StepResult result = step->forward({x.matrix(), std::as_const(loss.target).matrix(), kDropoutStep});
  step->backward(x.matrix(), sink);
  std::vector<Tensor<double>> values = in_double(network);
  EXPECT_NEAR(result.loss, loss(values), 1e-5 * result.loss);
  constexpr double kEpsilon = 1e-5;
  for (std::size_t p = 0; p < values.size(); ++p) {
    double largest = 0;
    const Tensor<float>& gradient = sink.gradient(static_cast<std::int64_t>(p));
    for (const float g : gradient.span()) largest = std::max(largest, std::abs(static_cast<double>(g)));
    for (std::int64_t i = 0; i < values[p].size(); ++i) {
      const double value = values[p][i];
      values[p][i] = value + kEpsilon;
      const double above = loss(values);
      values[p][i] = value - kEpsilon;
      const double below = loss(values);
      values[p][i] = value;
      EXPECT_NEAR(gradient[i], (above - below) / (2 * kEpsilon), 2e-5 * largest) << p << ", element " << i;
    }
  }
}

TEST(ConvDropout, OneTwoAndThreeThreadsGiveTheSameBits) {
  const Tensor<float> x = random_tensor({23, 56}, 0);
  std::vector<StoringSink> sinks;
  for (const int threads : {1, 2, 3}) {
    Model model = make_model(kConv, {8, 7}, 2);
    const auto step = make_training_step({.threads = threads, .seed = 3}, model.top().network);
    StoringSink& sink = sinks.emplace_back(parameters(model.top().network));
    step->forward({x.matrix(), x.matrix(), kDropoutStep});
    step->backward(x.matrix(), sink);
  }
  for (std::int64_t p = 0; p < 6; ++p) {
    const Tensor<float>& one = sinks[0].gradient(p);
    for (const std::size_t other : {1U, 2U}) {
      EXPECT_EQ(std::memcmp(one.data(), sinks[other].gradient(p).data(),
                            static_cast<std::size_t>(one.size()) * sizeof(float)),
                0)
          << "parameter " << p;
    }
  }
}

}  // namespace
}  // namespace wta
