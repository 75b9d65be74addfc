#include "model/conv_training_step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "model/dense_conv_training_step.h"
#include "model/parameters.h"
#include "optim/optimizer.h"
#include "support/dense_conv_autoencoder.h"
#include "support/random_tensor.h"
#include "support/same_bits.h"

namespace wta {
namespace {

using testing_support::DenseConvAutoencoder;
using testing_support::DenseMaps;
using testing_support::expect_same_bits;
using testing_support::random_tensor;
using testing_support::relative_difference;

// Which maps and positions compete.
enum class Competition { spatial, spatial_lifetime, lifetime, none };

ModelOptions options_of(const std::string& arch, Competition competition) {
  const bool spatial = competition == Competition::spatial || competition == Competition::spatial_lifetime;
  const bool lifetime = competition == Competition::lifetime || competition == Competition::spatial_lifetime;
  return {.arch = arch,
          .lifetime = lifetime ? Rate{.fraction = 0.2} : Rate{.off = true},
          .spatial = spatial ? "yes" : "no",
          .init_scale = 0.2};
}

struct ConvStepCase {
  const char* name;
  const char* arch;
  Shape image;
  Competition competition;
};

std::ostream& operator<<(std::ostream& out, const ConvStepCase& c) {
  return out << c.name;
}

// Every kernel, both algorithms of the convolution (Winograd from four channels on), one to three layers,
// grey and coloured images, none of them square.
const std::vector<ConvStepCase> kConvStepCases = {
    {"one_layer", "20conv5-20deconv7", {9, 7}, Competition::spatial_lifetime},
    {"one_layer_colour", "9conv7-9deconv5", {8, 10, 3}, Competition::spatial_lifetime},
    {"two_layers", "6conv3-18conv3-18deconv5", {9, 7, 1}, Competition::spatial_lifetime},
    {"two_layers_of_5", "5conv5-12conv5-12deconv7", {7, 11, 3}, Competition::spatial_lifetime},
    {"three_layers", "6conv3-5conv7-12conv5-12deconv7", {9, 11, 3}, Competition::spatial_lifetime},
    {"three_layers_of_1", "5conv1-6conv3-12conv1-12deconv3", {6, 7}, Competition::spatial_lifetime},
    {"spatial_only", "6conv3-12conv5-12deconv5", {9, 7}, Competition::spatial},
    {"lifetime_only", "6conv3-12conv5-12deconv5", {9, 7, 3}, Competition::lifetime},
    {"lifetime_only_one_layer", "12conv3-12deconv5", {9, 7}, Competition::lifetime},
    {"no_competition", "6conv3-7conv5-7deconv5", {9, 7, 3}, Competition::none},
    {"no_competition_one_layer", "7conv3-7deconv5", {7, 9}, Competition::none},
    {"a_line_of_pixels", "5conv5-12conv5-12deconv11", {1, 13}, Competition::spatial_lifetime},
    {"a_column_of_pixels", "6conv7-12conv3-12deconv5", {12, 1, 3}, Competition::spatial},
    {"two_lines_without_competition", "4conv3-6conv3-6deconv3", {2, 9}, Competition::none},
    {"one_pixel", "5conv1-12conv1-12deconv1", {1, 1}, Competition::spatial_lifetime},
    {"no_competition_three_layers", "4conv3-5conv1-6conv3-6deconv3", {7, 8}, Competition::none},
};

const OptimizerOptions kConvSgd{.optimizer = "sgd", .lr = 0.01, .momentum = 0.9, .schedule = "constant"};
const OptimizerOptions kConvAdam{
    .optimizer = "adam", .lr = 1e-3, .schedule = "cosine", .warmup_fraction = 0.2};

class ConvTrainingStepEqualsDense : public testing::TestWithParam<ConvStepCase> {
 protected:
  // 20 steps; the dense network takes the winners of the path under test. The weights move by 0.1% to 140%.
  static void expect_equal(const ConvStepCase& c, const OptimizerOptions& rule, double tolerance) {
    constexpr std::int64_t kSamples = 10;
    constexpr std::int64_t kSteps = 20;
    Model model = make_model(options_of(c.arch, c.competition), c.image, 3);
    Autoencoder& network = model.top().network;
    Optimizer optimizer(rule, parameters(network));
    const std::unique_ptr<TrainingStep> step = make_training_step({.threads = 2}, network);
    const auto* competing = dynamic_cast<const ConvTrainingStep*>(step.get());
    ASSERT_EQ(competing == nullptr, c.competition == Competition::none);
    UpdatingSink sink(optimizer, parameters(network));
    DenseConvAutoencoder dense(network);
    for (std::int64_t s = 0; s < kSteps; ++s) {
      const Tensor<float> x =
          random_tensor({kSamples, element_count(c.image)}, static_cast<std::uint64_t>(s));
      optimizer.begin_step(s, kSteps);
      const StepResult result = step->forward(x.matrix());
      const DenseMaps mask =
          competing == nullptr ? dense.full_mask(kSamples) : dense.mask_of(competing->winners());
      const double loss = dense.step(x.matrix(), mask);
      ASSERT_NEAR(result.loss, loss, 1e-5 * loss) << "step " << s;
      step->backward(x.matrix(), sink);
      update(dense.parameters(), rule, optimizer.learning_rate(), s + 1);
    }
    const std::vector<Parameter> ours = parameters(network);
    for (std::size_t p = 0; p < ours.size(); ++p) {
      const double difference = relative_difference(ours[p].value, dense.parameters()[p].value);
      EXPECT_LT(difference, tolerance) << ours[p].name;
    }
  }
};

// The largest differences are 1.2e-6 (sgd, three layers whose weights move most) and 2.5e-7 (adam); where a
// gradient is summed in Winograd's form, whose rounding is some times larger, 6e-6 (adam, which divides by
// the gradient's size and so lets small gradients count as much as large ones).
TEST_P(ConvTrainingStepEqualsDense, AfterTwentyStepsOfSgd) {
  expect_equal(GetParam(), kConvSgd, 3e-6);
}

TEST_P(ConvTrainingStepEqualsDense, AfterTwentyStepsOfAdam) {
  expect_equal(GetParam(), kConvAdam, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Networks, ConvTrainingStepEqualsDense, testing::ValuesIn(kConvStepCases),
                         [](const auto& instance) { return std::string(instance.param.name); });

// What one map's competition is between: the largest activation of each sample, or every activation.
std::vector<double> candidates(const DenseMaps& h, std::int64_t map, bool spatial) {
  std::vector<double> all;
  for (std::int64_t n = 0; n < h.samples; ++n) {
    std::vector<double> positions;
    for (std::int64_t p = 0; p < h.height * h.width; ++p)
      positions.push_back(h.at(n, p / h.width, p % h.width, map));
    if (spatial) {
      all.push_back(std::ranges::max(positions));
    } else {
      all.insert(all.end(), positions.begin(), positions.end());
    }
  }
  std::ranges::sort(all, std::greater<>());
  return all;
}

// Checks the winners of one map: how many, how large, and where. Near-ties may go either way.
void expect_right_winners(const Winners<float>& winners, const DenseMaps& h, std::int64_t map, bool spatial,
                          double rate) {
  constexpr double kTie = 1e-5;
  const std::vector<double> values = candidates(h, map, spatial);
  const auto k = static_cast<std::int64_t>(rate * static_cast<double>(values.size()) + 0.5);
  const std::int64_t positive = std::ranges::count_if(values, [](double v) { return v > kTie; });
  EXPECT_LE(winners.count(map), k) << "map " << map;
  EXPECT_GE(winners.count(map), std::min(k, positive)) << "map " << map;
  std::vector<std::int64_t> per_sample(static_cast<std::size_t>(h.samples));
  for (auto i = winners.offsets[static_cast<std::size_t>(map)];
       i < winners.offsets[static_cast<std::size_t>(map) + 1]; ++i) {
    const auto w = static_cast<std::size_t>(i);
    const std::int64_t n = winners.sample[w];
    const double value = h.at(n, winners.position[w] / h.width, winners.position[w] % h.width, map);
    EXPECT_NEAR(winners.value[w], value, kTie);
    EXPECT_GE(value, values[static_cast<std::size_t>(k) - 1] - kTie) << "map " << map;
    ++per_sample[static_cast<std::size_t>(n)];
    if (!spatial) continue;
    for (std::int64_t p = 0; p < h.height * h.width; ++p)
      EXPECT_LE(h.at(n, p / h.width, p % h.width, map), value + kTie) << "map " << map << ", sample " << n;
  }
  if (spatial) {
    EXPECT_LE(std::ranges::max(per_sample), 1) << "map " << map;
  }
}

TEST(ConvTrainingStep, WinnersAreThoseOfTheDenseActivations) {
  const Shape image = {9, 7, 2};
  for (const auto competition :
       {Competition::spatial, Competition::spatial_lifetime, Competition::lifetime}) {
    const ModelOptions options = options_of("6conv3-40conv5-40deconv5", competition);
    Model model = make_model(options, image, 1);
    Autoencoder& network = model.top().network;
    network.encoder.back().bias[7] = -100;  // a map without a winner
    ConvTrainingStep step({.threads = 2}, network);
    const Tensor<float> x = random_tensor({30, element_count(image)}, 0);
    const StepResult result = step.forward(x.matrix());
    DenseConvAutoencoder dense(network);
    const DenseMaps& h = dense.encode(x.matrix());
    const double rate = options.lifetime.off ? 1 : options.lifetime.fraction;
    for (std::int64_t map = 0; map < network.units(); ++map)
      expect_right_winners(step.winners(), h, map, options.spatial == "yes", rate);
    EXPECT_EQ(step.winners().count(7), 0);
    EXPECT_EQ(result.winners, step.winners().count());
  }
}

std::vector<Tensor<float>> conv_weights_after_one_step(const ModelOptions& options,
                                                       const OptimizerOptions& rule, int threads,
                                                       bool store) {
  const Shape image = {9, 7, 3};
  Model model = make_model(options, image, 1);
  Autoencoder& network = model.top().network;
  Optimizer optimizer(rule, parameters(network));
  const std::unique_ptr<TrainingStep> step = make_training_step({.threads = threads}, network);
  UpdatingSink updating(optimizer, parameters(network));
  StoringSink storing(parameters(network));
  optimizer.begin_step(0, 10);
  const Tensor<float> x = random_tensor({23, element_count(image)}, 0);
  step->forward(x.matrix());
  if (store) {
    step->backward(x.matrix(), storing);
    storing.replay(updating);
  } else {
    step->backward(x.matrix(), updating);
  }
  std::vector<Tensor<float>> result;
  for (const Parameter& p : parameters(network)) {
    result.emplace_back(
        Shape{p.value.rows, p.value.cols},
        std::span<const float>(p.value.data, static_cast<std::size_t>(p.value.rows * p.value.cols)));
  }
  return result;
}

// More maps than one tile of each pass takes, in one to three layers.
std::vector<ModelOptions> shapes() {
  std::vector<ModelOptions> result;
  for (const auto competition : {Competition::spatial_lifetime, Competition::lifetime, Competition::none}) {
    for (const char* arch :
         {"70conv5-70deconv5", "36conv3-40conv5-40deconv7", "5conv3-34conv1-37conv3-37deconv3"})
      result.push_back(options_of(arch, competition));
  }
  return result;
}

TEST(ConvTrainingStep, StoringTheGradientFirstGivesTheSameBits) {
  for (const ModelOptions& options : shapes()) {
    for (const OptimizerOptions& rule : {kConvSgd, kConvAdam}) {
      expect_same_bits(conv_weights_after_one_step(options, rule, 2, false),
                       conv_weights_after_one_step(options, rule, 2, true));
    }
  }
}

TEST(ConvTrainingStep, OneTwoAndThreeThreadsGiveTheSameBits) {
  for (const ModelOptions& options : shapes()) {
    const auto one = conv_weights_after_one_step(options, kConvAdam, 1, false);
    expect_same_bits(one, conv_weights_after_one_step(options, kConvAdam, 2, false));
    expect_same_bits(one, conv_weights_after_one_step(options, kConvAdam, 3, false));
  }
}

std::int64_t most_winners(ConvTrainingStep& step, std::int64_t samples, const Shape& image) {
  step.forward(random_tensor({samples, element_count(image)}, 0).matrix());
  return std::ranges::max(step.activity().wins);
}

TEST(ConvTrainingStep, ASmallerLastBatchUsesItsOwnK) {
  const Shape image = {6, 5};
  for (const bool spatial : {true, false}) {
    Model model = make_model({.arch = "20conv3-20deconv3",
                              .lifetime = {.fraction = 0.1},
                              .spatial = spatial ? "yes" : "no",
                              .init_scale = 0.2},
                             image, 1);
    ConvTrainingStep step({.threads = 1}, model.top().network);
    const std::int64_t positions = spatial ? 1 : 30;
    EXPECT_EQ(most_winners(step, 100, image), 10 * positions);
    EXPECT_EQ(most_winners(step, 25, image), spatial ? 3 : 75);  // floor(2.5 + 0.5), and 0.1 * 25 * 30
    EXPECT_EQ(most_winners(step, 100, image), 10 * positions);
  }
}

// Three maps of one 1x1 filter each: x, 2 - x, and x - 100, which is never above 0.
Model small_example(const ModelOptions& options) {
  Model model = make_model(options, {2, 2}, 1);
  EncoderLayer& layer = model.top().network.encoder[0];
  layer.weight = Tensor<float>({3, 1, 1, 1}, std::vector<float>{1, -1, 1});
  layer.bias = Tensor<float>({3}, std::vector<float>{0, 2, -100});
  return model;
}

// Two samples of 2x2. Maps of x: 1 2 3 4 and 0 5 1 0; of 2 - x: 1 0 0 0 and 2 0 1 2.
TEST(ConvTrainingStep, ActivityCountsTheWinnersAndFindsTheSmallest) {
  struct Expected {
    std::string spatial;
    Rate lifetime;
    std::vector<std::int64_t> wins;
    std::vector<float> smallest;  ///< of the maps that have winners
  };
  const std::vector<Expected> cases = {
      {"yes", {.off = true}, {2, 2, 0}, {4, 1}},      {"yes", {.fraction = 0.5}, {1, 1, 0}, {5, 2}},
      {"no", {.fraction = 0.5}, {4, 4, 0}, {2, 1}},   {"no", {.fraction = 0.25}, {2, 2, 0}, {4, 2}},
      {"no", {.fraction = 0.125}, {1, 1, 0}, {5, 2}}, {"no", {.off = true}, {6, 4, 0}, {}},
  };
  const Tensor<float> x({2, 4}, std::vector<float>{1, 2, 3, 4, 0, 5, 1, 0});
  for (const Expected& expected : cases) {
    Model model = small_example(
        {.arch = "3conv1-3deconv1", .lifetime = expected.lifetime, .spatial = expected.spatial});
    const auto step = make_training_step({.threads = 1}, model.top().network);
    const StepResult result = step->forward(x.matrix());
    const std::string name = expected.spatial + " " + to_string(expected.lifetime);
    EXPECT_EQ(step->activity().wins, expected.wins) << name;
    EXPECT_EQ(result.winners, expected.wins[0] + expected.wins[1]) << name;
    for (std::size_t map = 0; map < expected.smallest.size(); ++map)
      EXPECT_EQ(step->activity().smallest[map], expected.smallest[map]) << name << ", map " << map;
  }
}

TEST(ConvTrainingStep, TiesGoToTheLowerPositionAndSample) {
  Model model = small_example({.arch = "3conv1-3deconv1", .lifetime = {.fraction = 0.5}});
  ConvTrainingStep step({.threads = 1}, model.top().network);
  const Tensor<float> x({2, 4}, std::vector<float>{0, 3, 3, 1, 3, 0, 3, 0});
  step.forward(x.matrix());
  EXPECT_EQ(step.winners().sample, (std::vector<std::int32_t>{0, 0}));
  EXPECT_EQ(step.winners().position, (std::vector<std::int32_t>{1, 0}));  // 3 at 1, and 2 - 0 at 0
}

}  // namespace
}  // namespace wta
