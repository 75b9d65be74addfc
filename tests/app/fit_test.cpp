#include "app/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/small_data.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::small_data;

FitOptions stack_of_two() {
  FitOptions options{.stages = {{{"arch", "30fc"}, {"preprocess", "normalize"}}, {{"arch", "12fc"}}}};
  options.common.training = {.epochs = 3, .batch = 40};
  options.threads = 2;
  return options;
}

// The numbers of each stage, whatever options it remembers.
std::vector<float> weights_of(const Model& model) {
  std::vector<float> weights;
  for (const Stage& stage : model.stages) {
    const auto values = stage.network.encoder.front().weight.span();
    weights.insert(weights.end(), values.begin(), values.end());
  }
  return weights;
}

TEST(Fit, OfAStackTrainsEachStageOnTheCodesBelow) {
  const Samples samples = small_data();
  const Context context{.threads = 1};
  const FitReport report = fit(stack_of_two(), samples, {});
  ASSERT_EQ(report.model.stages.size(), 2U);
  EXPECT_EQ(report.outcome, TrainOutcome::finished);
  Model below;
  below.stages.push_back(report.model.stages[0]);
  const Samples codes = codes_as_samples(context, below, samples, {});
  below.stages.push_back(make_stage({.arch = "12fc"}, {30}, 1, 1));
  train(context, {.epochs = 3, .batch = 40}, codes, {}, below);
  EXPECT_EQ(weights_of(below), weights_of(report.model));
}

TEST(PartialFit, OfAStackTeachesEveryStageFromEachPart) {
  const Samples samples = small_data();
  PartialFit partial(stack_of_two());
  EXPECT_THROW((void)partial.model(), InvalidArgument);
  partial.learn(samples, {});
  const std::vector<float> first = weights_of(partial.model());
  PartialFit again(stack_of_two(), partial.to_bytes());
  EXPECT_EQ(weights_of(again.model()), first);
  partial.learn(samples, {});
  again.learn(samples, {});
  EXPECT_EQ(weights_of(again.model()), weights_of(partial.model()));
  EXPECT_NE(weights_of(again.model()), first);
  EXPECT_EQ(partial.model().stages[1].summary.steps, 12);  // 230 samples in batches of 40, twice
}

TEST(PartialFit, OfATrainedModelGoesOnFromItsWeights) {
  const Samples samples = small_data();
  const Model trained = fit(stack_of_two(), samples, {}).model;
  PartialFit partial(stack_of_two(), trained);
  EXPECT_EQ(weights_of(partial.model()), weights_of(trained));
  partial.learn(samples, {});
  EXPECT_NE(weights_of(partial.model()), weights_of(trained));
}

TEST(PartialFit, APartOfAnotherShapeIsRefused) {
  PartialFit partial(stack_of_two());
  partial.learn(small_data(), {});
  EXPECT_THROW(partial.learn(small_data(20, 35), {}), DataError);
}

}  // namespace
}  // namespace wta
