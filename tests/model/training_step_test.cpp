#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "model/fc_training_step.h"
#include "model/parameters.h"
#include "optim/optimizer.h"
#include "support/dense_autoencoder.h"
#include "support/random_tensor.h"
#include "support/same_bits.h"

namespace wta {
namespace {

using testing_support::Dense;
using testing_support::DenseAutoencoder;
using testing_support::expect_same_bits;
using testing_support::random_tensor;
using testing_support::relative_difference;

struct FcStepCase {
  const char* name;
  ModelOptions model;
  OptimizerOptions optimizer;
  double tolerance;
};

std::ostream& operator<<(std::ostream& out, const FcStepCase& c) {
  return out << c.name;
}

class TrainingStepEqualsDense : public testing::TestWithParam<FcStepCase> {};

// 20 steps; the dense path takes the winners of the path under test, and checks that they are the right ones.
TEST_P(TrainingStepEqualsDense, AfterTwentySteps) {
  const FcStepCase& c = GetParam();
  constexpr std::int64_t kInputs = 147;
  constexpr std::int64_t kSamples = 70;
  constexpr std::int64_t kSteps = 20;
  const Context context{.threads = 2, .seed = 3};
  Model model = make_model(c.model, {kInputs}, 3);
  Optimizer optimizer(c.optimizer, parameters(model.top().network));
  FcTrainingStep step(context, model.top().network);
  UpdatingSink sink(optimizer, parameters(model.top().network));
  DenseAutoencoder dense(model.top().network);
  for (std::int64_t s = 0; s < kSteps; ++s) {
    const Tensor<float> x = random_tensor({kSamples, kInputs}, static_cast<std::uint64_t>(s));
    optimizer.begin_step(s, kSteps);
    const StepResult result = step.forward(x.matrix());
    const double loss = dense.step(x.matrix(), step.winners());
    EXPECT_NEAR(result.loss, loss, 1e-5 * loss) << "step " << s;
    step.backward(x.matrix(), sink);
    testing_support::update(dense.parameters(), c.optimizer, optimizer.learning_rate(), s + 1);
  }
  const std::vector<Parameter> ours = parameters(model.top().network);
  for (std::size_t p = 0; p < ours.size(); ++p) {
    EXPECT_LT(relative_difference(ours[p].value, dense.parameters()[p].value), c.tolerance) << ours[p].name;
  }
}

const OptimizerOptions kFcSgd{.optimizer = "sgd", .lr = 0.05, .momentum = 0.9, .schedule = "constant"};
// A rectifier below the competition that the two roundings put on different sides of 0 parts the paths for
// good: three layers take steps that keep it from happening within 20.
const OptimizerOptions kSlowFcSgd{.optimizer = "sgd", .lr = 0.02, .momentum = 0.9, .schedule = "constant"};
const OptimizerOptions kFcAdam{.optimizer = "adam", .lr = 1e-3, .schedule = "cosine", .warmup_fraction = 0.2};

INSTANTIATE_TEST_SUITE_P(
    Models, TrainingStepEqualsDense,
    testing::Values(
        FcStepCase{
            "tied_sgd", {.arch = "203fc", .lifetime = {.fraction = 0.1}, .init_scale = 0.1}, kFcSgd, 1e-6},
        FcStepCase{"untied_sgd",
                   {.arch = "203fc", .lifetime = {.fraction = 0.1}, .tied = "no", .init_scale = 0.1},
                   kFcSgd,
                   1e-6},
        FcStepCase{"two_layers_sgd",
                   {.arch = "65fc-203fc", .lifetime = {.fraction = 0.1}, .init_scale = 0.1},
                   kFcSgd,
                   1e-6},
        FcStepCase{"three_layers_sgd",
                   {.arch = "65fc-31fc-203fc", .lifetime = {.fraction = 0.1}, .init_scale = 0.2},
                   kSlowFcSgd,
                   1e-6},
        FcStepCase{
            "tied_adam", {.arch = "203fc", .lifetime = {.fraction = 0.1}, .init_scale = 0.1}, kFcAdam, 1e-5},
        FcStepCase{"untied_adam",
                   {.arch = "203fc", .lifetime = {.fraction = 0.1}, .tied = "no", .init_scale = 0.1},
                   kFcAdam,
                   1e-5},
        FcStepCase{"two_layers_adam",
                   {.arch = "65fc-203fc", .lifetime = {.fraction = 0.1}, .init_scale = 0.1},
                   kFcAdam,
                   1e-5},
        FcStepCase{"k_sparse_tied_sgd", {.arch = "203fc", .init_scale = 0.1, .k_sparse = 9}, kFcSgd, 1e-6},
        FcStepCase{"k_sparse_untied_adam",
                   {.arch = "203fc", .tied = "no", .init_scale = 0.1, .k_sparse = 9},
                   kFcAdam,
                   1e-5},
        FcStepCase{
            "no_competition", {.arch = "65fc", .lifetime = {.off = true}, .init_scale = 0.1}, kFcSgd, 1e-6}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(TrainingStep, WinnersAreThoseOfTheDenseActivations) {
  const Context context{.threads = 2};
  Model model = make_model({.arch = "203fc", .lifetime = {.fraction = 0.05}, .init_scale = 0.1}, {40}, 1);
  FcTrainingStep step(context, model.top().network);
  const Tensor<float> x = random_tensor({100, 40}, 0);
  step.forward(x.matrix());
  DenseAutoencoder dense(model.top().network);
  dense.step(x.matrix(), step.winners());
  const Dense& h = dense.activations();
  for (std::int64_t u = 0; u < 203; ++u) {
    std::vector<double> column;
    for (std::int64_t n = 0; n < 100; ++n) column.push_back(h.at(n, u));
    std::sort(column.begin(), column.end(), std::greater<>());
    const auto positive = std::count_if(column.begin(), column.end(), [](double v) { return v > 1e-6; });
    EXPECT_EQ(step.winners().count(u), std::min<std::int64_t>(5, positive)) << "unit " << u;
    for (auto w = step.winners().offsets[static_cast<std::size_t>(u)];
         w < step.winners().offsets[static_cast<std::size_t>(u) + 1]; ++w) {
      EXPECT_GE(h.at(step.winners().sample[static_cast<std::size_t>(w)], u), column[4] - 1e-6);
    }
  }
}

std::vector<Tensor<float>> fc_weights_after_one_step(const ModelOptions& options,
                                                     const OptimizerOptions& rule, int threads, bool store) {
  Model model = make_model(options, {300}, 1);
  Optimizer optimizer(rule, parameters(model.top().network));
  FcTrainingStep step({.threads = threads}, model.top().network);
  UpdatingSink updating(optimizer, parameters(model.top().network));
  StoringSink storing(parameters(model.top().network));
  optimizer.begin_step(0, 10);
  const Tensor<float> x = random_tensor({130, 300}, 0);
  step.forward(x.matrix());
  if (store) {
    step.backward(x.matrix(), storing);
    storing.replay(updating);
  } else {
    step.backward(x.matrix(), updating);
  }
  std::vector<Tensor<float>> result;
  for (const Parameter& p : parameters(model.top().network)) {
    result.emplace_back(
        Shape{p.value.rows, p.value.cols},
        std::span<const float>(p.value.data, static_cast<std::size_t>(p.value.rows * p.value.cols)));
  }
  return result;
}

const std::vector<ModelOptions> kShapes = {{.arch = "600fc"},
                                           {.arch = "600fc", .tied = "no"},
                                           {.arch = "300fc-600fc"},
                                           {.arch = "600fc", .k_sparse = 20}};

TEST(TrainingStep, StoringTheGradientFirstGivesTheSameBits) {
  for (const ModelOptions& options : kShapes) {
    for (const OptimizerOptions& rule : {kFcSgd, kFcAdam}) {
      expect_same_bits(fc_weights_after_one_step(options, rule, 2, false),
                       fc_weights_after_one_step(options, rule, 2, true));
    }
  }
}

TEST(TrainingStep, OneTwoAndThreeThreadsGiveTheSameBits) {
  for (const ModelOptions& options : kShapes) {
    const auto one = fc_weights_after_one_step(options, kFcAdam, 1, false);
    expect_same_bits(one, fc_weights_after_one_step(options, kFcAdam, 2, false));
    expect_same_bits(one, fc_weights_after_one_step(options, kFcAdam, 3, false));
  }
}

TEST(TrainingStep, ASmallerLastBatchUsesItsOwnK) {
  Model model = make_model({.arch = "50fc", .lifetime = {.fraction = 0.1}}, {30}, 1);
  FcTrainingStep step({.threads = 1}, model.top().network);
  step.forward(random_tensor({100, 30}, 0).matrix());
  std::int64_t most = 0;
  for (std::int64_t u = 0; u < 50; ++u) most = std::max(most, step.winners().count(u));
  EXPECT_EQ(most, 10);
  step.forward(random_tensor({25, 30}, 1).matrix());
  most = 0;
  for (std::int64_t u = 0; u < 50; ++u) most = std::max(most, step.winners().count(u));
  EXPECT_EQ(most, 3);  // floor(2.5 + 0.5)
}

}  // namespace
}  // namespace wta
