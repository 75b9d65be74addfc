#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/safetensors.h"
#include "io/sha256.h"
#include "support/files.h"
#include "support/small_data.h"
#include "support/temporary_folder.h"
#include "wta/error.h"
#include "wta/trainer.h"

namespace wta {
namespace {

using testing_support::message_of;
using testing_support::small_data;
using testing_support::TemporaryFolder;

// small_data() in black and white, times `scale`.
Samples pixels(float scale = 1, std::int64_t count = 230) {
  const Samples raw = small_data(count);
  Tensor<float> values({raw.count(), raw.sample_size()});
  raw.read(0, values.matrix());
  for (float& value : values.span()) value = value > 0.3F ? scale : 0.0F;
  return Samples(std::move(values));
}

const ModelOptions kRbm{.model = "rbm", .arch = "40fc", .cd_steps = 2, .weight_decay = 1e-4};
const ModelOptions kPersistent{.model = "rbm", .arch = "40fc", .cd_persistent = true};
const ModelOptions kWtaRbm{.model = "wta-rbm", .arch = "40fc"};
const TrainOptions kShortRbm{.epochs = 4, .batch = 50, .optimizer = {.optimizer = "sgd", .lr = 0.05}};

std::string train_rbm_in(const std::filesystem::path& run, int threads, const ModelOptions& shape,
                         bool resume = false, const TrainHooks& hooks = {},
                         TrainOutcome expected = TrainOutcome::finished) {
  const Samples samples = pixels();
  Model model = make_model(shape, samples.sample_shape(), 1);
  EXPECT_EQ(train({.threads = threads}, kShortRbm, samples, run, resume, hooks, model), expected);
  return sha256_of_file(run / "model.safetensors");
}

TEST(RbmTraining, LowersTheLossAndWatchesTheFreeEnergyOfBothSets) {
  for (const ModelOptions& shape : {kRbm, kWtaRbm}) {
    const TemporaryFolder run;
    const Samples held_out = pixels(1, 40);
    std::vector<EpochMetrics> epochs;
    const TrainHooks hooks{.on_epoch = [&](const EpochMetrics& line) { epochs.push_back(line); },
                           .held_out = &held_out};
    const Samples samples = pixels();
    Model model = make_model(shape, samples.sample_shape(), 1);
    const TrainOptions options{.epochs = 60, .batch = 50, .optimizer = {.lr = 0.02}};
    train({.threads = 1}, options, samples, run.path(), false, hooks, model);
    ASSERT_EQ(epochs.size(), 60U);
    // A sparse sample of so few units reconstructs little.
    const double factor = shape.model == "rbm" ? 0.5 : 1;
    EXPECT_LT(epochs.back().loss, factor * epochs.front().loss) << shape.model;
    EXPECT_TRUE(epochs.back().free_energy.has_value());
    EXPECT_TRUE(epochs.back().held_out_free_energy.has_value());
    EXPECT_THAT(testing_support::read_bytes(run.path() / "metrics.jsonl"),
                testing::AllOf(testing::HasSubstr("\"free_energy\":"),
                               testing::HasSubstr("\"held_out_free_energy\":")));
  }
}

TEST(RbmTraining, WithoutHeldOutSamplesOnlyTheTrainingSetIsWatched) {
  const TemporaryFolder run;
  train_rbm_in(run.path(), 1, kRbm);
  const std::string lines = testing_support::read_bytes(run.path() / "metrics.jsonl");
  EXPECT_THAT(lines, testing::HasSubstr("\"free_energy\":"));
  EXPECT_THAT(lines, testing::Not(testing::HasSubstr("held_out_free_energy")));
}

TEST(RbmTraining, AnyNumberOfThreadsGivesTheSameFile) {
  for (const ModelOptions& shape : {kRbm, kPersistent, kWtaRbm}) {
    const TemporaryFolder one, two, three;
    const std::string expected = train_rbm_in(one.path(), 1, shape);
    EXPECT_EQ(train_rbm_in(two.path(), 2, shape), expected);
    EXPECT_EQ(train_rbm_in(three.path(), 3, shape), expected);
  }
}

TEST(RbmTraining, ResumingAfterAnyStepGivesTheSameFile) {
  for (const ModelOptions& shape : {kRbm, kPersistent, kWtaRbm}) {
    const TemporaryFolder whole;
    const std::string expected = train_rbm_in(whole.path(), 1, shape);
    for (std::int64_t stop_after = 1; stop_after < 20; stop_after += 6) {
      const TemporaryFolder run;
      std::atomic<int> stop{0};
      const TrainHooks hooks{
          .on_step = [&](const TrainProgress& progress) { stop = progress.step >= stop_after ? 15 : 0; },
          .stop = &stop};
      train_rbm_in(run.path(), 2, shape, false, hooks, TrainOutcome::stopped);
      EXPECT_EQ(train_rbm_in(run.path(), 1, shape, true), expected) << "stopped after " << stop_after;
    }
  }
}

TEST(RbmTraining, PersistentChainsStartAtTheFirstSamples) {
  const TemporaryFolder run;
  const std::atomic<int> stop{15};
  train_rbm_in(run.path(), 1, kPersistent, false, {.stop = &stop}, TrainOutcome::stopped);
  const TensorFile file = read_safetensors(run.path() / "checkpoints/stage-01-step-000000000.safetensors");
  const auto& chains = std::get<Tensor<float>>(file.tensors.at("train.chains"));
  Tensor<float> first({50, 36});
  pixels().read(0, first.matrix());
  EXPECT_EQ(chains.shape(), first.shape());
  EXPECT_THAT(chains.span(), testing::ElementsAreArray(first.span()));
}

TEST(RbmTraining, ValuesThatAreNoProbabilitiesAreRefused) {
  const TemporaryFolder run;
  for (const float scale : {10.0F, -0.5F}) {
    const Samples samples = pixels(scale);
    Model model = make_model(kRbm, samples.sample_shape(), 1);
    EXPECT_THAT(message_of<DataError>(
                    [&] { train({.threads = 1}, kShortRbm, samples, run.path(), false, {}, model); }),
                testing::HasSubstr("an RBM reads values as probabilities, from 0 to 1; got "));
  }
}

}  // namespace
}  // namespace wta
