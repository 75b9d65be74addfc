#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/small_data.h"
#include "support/temporary_folder.h"
#include "wta/error.h"
#include "wta/trainer.h"

namespace wta {
namespace {

using testing_support::small_data;
using testing_support::TemporaryFolder;

const ModelOptions kFc{.arch = "40fc", .lifetime = {.fraction = 0.1}};
const ModelOptions kMaps{.arch = "8conv3-8deconv3", .input_dropout = 0.2};
const ModelOptions kPersistentWta{.model = "wta-rbm", .arch = "40fc", .cd_persistent = true};

// small_data(), halved for an RBM, which reads probabilities.
Samples samples_of(const ModelOptions& options) {
  Tensor<float> values = std::get<Tensor<float>>(small_data().values());
  for (float& value : values.span()) value *= is_rbm(options) ? 0.5F : 1.0F;
  const bool maps = parse_architecture(options.arch).convolutional();
  return Samples(std::move(values)).reshaped(maps ? Shape{6, 6} : Shape{36});
}

Samples part_of(const Samples& samples, std::int64_t begin, std::int64_t count) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) indices[static_cast<std::size_t>(i)] = begin + i;
  return samples.subset(indices);
}

TEST(TrainingInMemory, LearnsTheBitsOfATrainingInAFolder) {
  const TemporaryFolder run;
  const TrainOptions options{.epochs = 3, .batch = 50};
  for (const ModelOptions& kind : {kFc, kMaps, kPersistentWta}) {
    const Samples samples = samples_of(kind);
    Model kept = make_model(kind, samples.sample_shape(), 1);
    Model fleeting = kept;
    train({.threads = 2}, options, samples, run.path(), false, {}, kept);
    EXPECT_EQ(train({.threads = 1}, options, samples, {}, fleeting), TrainOutcome::finished);
    EXPECT_EQ(model_to_bytes(fleeting), model_to_bytes(kept)) << kind.arch;
  }
}

TEST(TrainingInMemory, AStopReturnsWhatWasLearned) {
  const Samples samples = samples_of(kFc);
  std::atomic<int> stop = 0;
  TrainHooks hooks{.stop = &stop};
  hooks.on_epoch = [&](const EpochMetrics& metrics) { stop = metrics.epoch == 2; };
  Model model = make_model(kFc, samples.sample_shape(), 1);
  EXPECT_EQ(train({.threads = 1}, {.epochs = 9, .batch = 50}, samples, hooks, model), TrainOutcome::stopped);
  EXPECT_EQ(model.top().summary.epochs, 2);
}

struct Kind {
  const char* name;
  ModelOptions options;
};
std::ostream& operator<<(std::ostream& out, const Kind& kind) {
  return out << kind.name;
}
const std::vector<Kind> kKinds = {{"fc", kFc}, {"conv", kMaps}, {"rbm", kPersistentWta}};

class OnlineTrainingOfEveryKind : public testing::TestWithParam<Kind> {};

TEST_P(OnlineTrainingOfEveryKind, GoesOnFromBytesBitForBit) {
  const Samples samples = samples_of(GetParam().options);
  const TrainOptions options{.batch = 50};
  const Model fresh = make_model(GetParam().options, samples.sample_shape(), 1);
  OnlineTrainer straight({.threads = 2}, options, fresh);
  OnlineTrainer before({.threads = 1}, options, fresh);
  for (std::int64_t part = 0; part < 3; ++part) straight.learn(part_of(samples, part * 70, 70));
  before.learn(part_of(samples, 0, 70));
  const std::vector<std::byte> bytes = before.to_bytes();
  OnlineTrainer after({.threads = 1}, options, bytes);
  after.learn(part_of(samples, 70, 70));
  after.learn(part_of(samples, 140, 70));
  EXPECT_EQ(after.to_bytes(), straight.to_bytes());
}

INSTANTIATE_TEST_SUITE_P(Models, OnlineTrainingOfEveryKind, testing::ValuesIn(kKinds),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(OnlineTraining, LowersTheLossFromPartToPart) {
  const Samples samples = samples_of(kFc);
  OnlineTrainer trainer({.threads = 2}, {.batch = 50, .optimizer = {.lr = 1e-2}},
                        make_model(kFc, samples.sample_shape(), 1));
  const EpochMetrics first = trainer.learn(samples);
  EpochMetrics last;
  for (int i = 0; i < 30; ++i) last = trainer.learn(samples);
  EXPECT_LT(last.loss, 0.5 * first.loss);
  EXPECT_EQ(last.epoch, 31);
  EXPECT_EQ(last.step, 31 * 5);  // 230 samples in batches of 50
  EXPECT_DOUBLE_EQ(last.learning_rate, 1e-2);
  EXPECT_EQ(trainer.model().top().options.at("schedule"), "constant");
}

// A fresh model starts at the mean of its samples; one that has learned keeps its biases.
TEST(OnlineTraining, LearnsOnWhereATrainedModelIs) {
  const Samples samples = samples_of(kFc);
  Model model = make_model(kFc, samples.sample_shape(), 1);
  train({.threads = 1}, {.epochs = 60, .batch = 50, .optimizer = {.lr = 1e-2}}, samples, {}, model);
  const double before = model.top().summary.loss;
  OnlineTrainer trainer({.threads = 1}, {.batch = 50, .optimizer = {.lr = 1e-5}}, model);
  EXPECT_NEAR(trainer.learn(samples).loss, before, 0.2 * before);
}

TEST(OnlineTraining, RefusesPrincipalComponentsAndNoSamples) {
  const Samples samples = samples_of(kFc);
  EXPECT_THROW(OnlineTrainer({.threads = 1}, {}, make_model({.model = "pca", .arch = "4fc"}, {36}, 1)),
               InvalidArgument);
  OnlineTrainer trainer({.threads = 1}, {}, make_model(kFc, {36}, 1));
  EXPECT_THROW(trainer.learn(samples.subset({})), DataError);
}

// A reconstruction is never exactly 0 then, however small the samples are.
TEST(RbmTraining, SamplesOfZerosAreNoDivergence) {
  const Samples zeros(Tensor<float>({30, 5}));
  Model model = make_model({.model = "wta-rbm", .arch = "8fc"}, {5}, 1);
  EXPECT_EQ(train({.threads = 1}, {.epochs = 3}, zeros, {}, model), TrainOutcome::finished);
}

}  // namespace
}  // namespace wta
