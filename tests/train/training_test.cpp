#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "io/sha256.h"
#include "support/small_data.h"
#include "support/temporary_folder.h"
#include "wta/error.h"
#include "wta/trainer.h"

namespace wta {
namespace {

using testing_support::small_data;
using testing_support::TemporaryFolder;

const ModelOptions kModel{.arch = "40fc", .lifetime = {.fraction = 0.1}};
// What corrupts: no competition, dropped inputs and activations.
const ModelOptions kDropout{
    .arch = "40fc", .lifetime = {.off = true}, .input_dropout = 0.2, .hidden_dropout = 0.5};
const ModelOptions kConvDropout{.arch = "3conv3-4conv3-4deconv5",
                                .lifetime = {.off = true},
                                .spatial = "no",
                                .input_dropout = 0.2,
                                .hidden_dropout = 0.5};
const ModelOptions kKSparse{.arch = "40fc", .k_sparse = 4, .k_sparse_start = 12};
const ModelOptions kPenalised{.arch = "40fc", .input_dropout = 0.2, .kl_weight = 0.1};
const TrainOptions kShort{.epochs = 4, .batch = 50};

// Trains in `run` and returns the SHA-256 of model.safetensors.
std::string train_in(const std::filesystem::path& run, int threads, const TrainOptions& options,
                     bool resume = false, const TrainHooks& hooks = {},
                     TrainOutcome expected = TrainOutcome::finished, const ModelOptions& shape = kModel) {
  const bool maps = parse_architecture(shape.arch).convolutional();
  const Samples samples = small_data().reshaped(maps ? Shape{6, 6} : Shape{36});
  Model model = make_model(shape, samples.sample_shape(), 1);
  EXPECT_EQ(train({.threads = threads}, options, samples, run, resume, hooks, model), expected);
  return sha256_of_file(run / "model.safetensors");
}

TEST(Training, LowersTheLossAndCountsEpochs) {
  const TemporaryFolder run;
  std::vector<EpochMetrics> epochs;
  const TrainHooks hooks{.on_epoch = [&](const EpochMetrics& metrics) { epochs.push_back(metrics); }};
  train_in(run.path(), 2, {.epochs = 30, .batch = 50, .optimizer = {.lr = 1e-2}}, false, hooks);
  ASSERT_EQ(epochs.size(), 30U);
  EXPECT_EQ(epochs.back().step, 150);  // 230 samples in batches of 50: five steps an epoch
  EXPECT_LT(epochs.back().loss, 0.5 * epochs.front().loss);
  EXPECT_GT(epochs.back().explained_variance, 0.5);
  EXPECT_NEAR(epochs.back().active_fraction, 0.1, 0.01);
}

// small_data() as images of 6x6.
TrainingSummary train_maps(const std::string& spatial, const Rate& lifetime) {
  const TemporaryFolder run;
  const Samples samples = small_data().reshaped({6, 6});
  Model model = make_model({.arch = "8conv3-8deconv3", .lifetime = lifetime, .spatial = spatial}, {6, 6}, 1);
  EXPECT_EQ(train({.threads = 2}, {.epochs = 8, .batch = 46}, samples, run.path(), false, {}, model),
            TrainOutcome::finished);
  return model.top().summary;
}

// With spatial sparsity of maps and samples, without of all positions.
TEST(Training, TheActiveFractionOfMapsIsAShareOfWhatCouldWin) {
  EXPECT_NEAR(train_maps("yes", {.fraction = 0.2}).active_fraction, 0.2, 0.03);
  const double some = train_maps("no", {.fraction = 0.2}).active_fraction;
  EXPECT_GT(some, 0.1);
  EXPECT_LE(some, 0.201);
  const double all = train_maps("no", {.off = true}).active_fraction;
  EXPECT_GT(all, 0.2);
  EXPECT_LE(all, 1);
}

TEST(Training, LowersTheLossOfMaps) {
  const TemporaryFolder run;
  std::vector<EpochMetrics> epochs;
  const TrainHooks hooks{.on_epoch = [&](const EpochMetrics& metrics) { epochs.push_back(metrics); }};
  const Samples samples = small_data().reshaped({6, 6});
  Model model = make_model({.arch = "8conv3-16conv3-16deconv5"}, {6, 6}, 1);
  train({.threads = 2}, {.epochs = 40, .batch = 46, .optimizer = {.lr = 1e-2}}, samples, run.path(), false,
        hooks, model);
  ASSERT_EQ(epochs.size(), 40U);
  EXPECT_LT(epochs.back().loss, 0.7 * epochs.front().loss);
}

TEST(Training, AnyNumberOfThreadsGivesTheSameFile) {
  const ModelOptions deep{.arch = "30fc-40fc", .lifetime = {.fraction = 0.1}};
  for (const ModelOptions& shape : {kModel, deep, kDropout, kConvDropout, kKSparse, kPenalised}) {
    const TemporaryFolder one, two, three;
    const std::string expected = train_in(one.path(), 1, kShort, false, {}, TrainOutcome::finished, shape);
    EXPECT_EQ(train_in(two.path(), 2, kShort, false, {}, TrainOutcome::finished, shape), expected);
    EXPECT_EQ(train_in(three.path(), 3, kShort, false, {}, TrainOutcome::finished, shape), expected);
  }
}

// Stops after each step in turn, resumes, and compares with the run that was not stopped: model and metrics.
TEST(Training, ResumingAfterAnyStepGivesTheSameFile) {
  for (const char* optimizer : {"adam", "sgd"}) {
    TrainOptions options = kShort;
    options.optimizer = {.optimizer = optimizer, .lr = 1e-3};
    const TemporaryFolder whole;
    const std::string expected = train_in(whole.path(), 1, options);
    for (std::int64_t stop_after = 1; stop_after < 20; stop_after += 3) {
      const TemporaryFolder run;
      std::atomic<int> stop{0};
      const TrainHooks hooks{
          .on_step = [&](const TrainProgress& progress) { stop = progress.step >= stop_after ? 15 : 0; },
          .stop = &stop};
      train_in(run.path(), 2, options, false, hooks, TrainOutcome::stopped);
      EXPECT_EQ(train_in(run.path(), 1, options, true), expected)
          << optimizer << ", stopped after " << stop_after;
    }
  }
}

TEST(Training, ResumingDropsTheSameValuesAndKeepsTheSameK) {
  for (const ModelOptions& shape : {kDropout, kConvDropout, kKSparse, kPenalised}) {
    const TemporaryFolder whole, run;
    const std::string expected = train_in(whole.path(), 1, kShort, false, {}, TrainOutcome::finished, shape);
    std::atomic<int> stop{0};
    const TrainHooks hooks{
        .on_step = [&](const TrainProgress& progress) { stop = progress.step >= 7 ? 15 : 0; }, .stop = &stop};
    train_in(run.path(), 2, kShort, false, hooks, TrainOutcome::stopped, shape);
    EXPECT_EQ(train_in(run.path(), 1, kShort, true, {}, TrainOutcome::finished, shape), expected);
  }
}

TEST(Training, DroppedInputsChangeWhatIsLearned) {
  const TemporaryFolder clean, corrupted;
  ModelOptions shape = kModel;
  shape.input_dropout = 0.2;
  EXPECT_NE(train_in(clean.path(), 1, kShort),
            train_in(corrupted.path(), 1, kShort, false, {}, TrainOutcome::finished, shape));
}

TEST(Training, ResumingAFinishedRunChangesNothing) {
  const TemporaryFolder run;
  const std::string expected = train_in(run.path(), 1, kShort);
  EXPECT_EQ(train_in(run.path(), 1, kShort, true), expected);
}

TEST(Training, MetricsBeyondTheCheckpointAreCutOnResume) {
  const TemporaryFolder run;
  std::atomic<int> stop{0};
  const TrainHooks hooks{
      .on_step = [&](const TrainProgress& progress) { stop = progress.step >= 12 ? 2 : 0; }, .stop = &stop};
  train_in(run.path(), 1, kShort, false, hooks, TrainOutcome::stopped);
  std::ofstream(run.path() / "metrics.jsonl", std::ios::app)
      << "{\"stage\":1,\"epoch\":3,\"step\":15}\n{\"sta";
  train_in(run.path(), 1, kShort, true);
  std::ifstream stream(run.path() / "metrics.jsonl");
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line.substr(0, 21));
  EXPECT_THAT(lines, testing::ElementsAre("{\"stage\":1,\"epoch\":1,", "{\"stage\":1,\"epoch\":2,",
                                          "{\"stage\":1,\"epoch\":3,", "{\"stage\":1,\"epoch\":4,"));
}

TEST(Training, AnAbsurdLearningRateStopsByNameAndKeepsTheLastCheckpoint) {
  for (const char* optimizer : {"adam", "sgd"}) {
    const TemporaryFolder run;
    TrainOptions options{.epochs = 200, .batch = 50};
    options.optimizer = {.optimizer = optimizer, .lr = 1e6};
    const Samples samples = small_data();
    Model model = make_model(kModel, samples.sample_shape(), 1);
    try {
      train({.threads = 1}, options, samples, run.path(), false, {}, model);
      ADD_FAILURE() << optimizer << ": training did not diverge";
    } catch (const DivergedError& error) {
      // The first step that sees the new weights, where the loss is absurd and still finite.
      EXPECT_THAT(error.what(), testing::HasSubstr("at step 2 (")) << optimizer;
      EXPECT_THAT(error.what(), testing::Not(testing::ContainsRegex("got (inf|nan)"))) << optimizer;
    }
    EXPECT_NO_THROW((void)load_model(run.path())) << optimizer;
  }
}

// The squares of such gradients are beyond float32, the weights are not.
TEST(Training, AnOptimiserStateThatIsNotFiniteIsRefusedAndNotKept) {
  const TemporaryFolder run;
  Tensor<float> values = std::get<Tensor<float>>(small_data().values());
  for (float& value : values.span()) value *= 1e18F;
  const Samples samples(std::move(values));
  Model model = make_model(kModel, samples.sample_shape(), 1);
  const TrainOptions options{.epochs = 1, .batch = 50};
  EXPECT_THAT([&] { train({.threads = 1}, options, samples, run.path(), false, {}, model); },
              testing::ThrowsMessage<DivergedError>(testing::HasSubstr("'optimizer.1.")));
  EXPECT_THAT(run.path() / "checkpoints/stage-01-step-000000005.safetensors",
              testing::Not(testing::Truly([](const auto& file) { return std::filesystem::exists(file); })));
}

TEST(Training, WarnsOnceWhenNoUnitAnswersAnyMore) {
  const TemporaryFolder run;
  std::vector<std::string> warnings;
  const TrainHooks hooks{.on_warning = [&](const std::string& text) { warnings.push_back(text); }};
  train_in(run.path() / "fine", 1, {.epochs = 6, .batch = 50}, false, hooks);
  EXPECT_THAT(warnings, testing::IsEmpty());
  train_in(run.path() / "dead", 1, {.epochs = 6, .batch = 50, .optimizer = {.lr = 0.3}}, false, hooks);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0], testing::AllOf(testing::HasSubstr("got none of 40 in epoch"),
                                          testing::HasSubstr("Try: --lr 0.1 in a new run")));
}

TEST(Training, WarnsOnceOfSamplesThatAreAllTheSame) {
  const TemporaryFolder run;
  std::vector<std::string> warnings;
  const TrainHooks hooks{.on_warning = [&](const std::string& text) { warnings.push_back(text); }};
  const auto train_on = [&](const Samples& samples) {
    Model model = make_model({.arch = "8fc"}, samples.sample_shape(), 1);
    train({}, {.epochs = 3}, samples, run.path(), false, hooks, model);
    std::filesystem::remove_all(run.path());
  };
  for (const float value : {0.0F, 0.5F}) {
    Tensor<float> same({500, 6});
    std::ranges::fill(same.span(), value);
    warnings.clear();
    train_on(Samples(same));
    ASSERT_EQ(warnings.size(), 1U) << value;
    EXPECT_THAT(warnings[0], testing::HasSubstr("all 500 are the same. Try: other data"));
    same.matrix()(499, 5) = 1;
    warnings.clear();
    train_on(Samples(same));
    for (const std::string& warning : warnings)
      EXPECT_THAT(warning, testing::Not(testing::HasSubstr("are the same")));
  }
}

TEST(TrainOptions, TheRateOfFullyConnectedNetworksFallsWithThousandsOfInputs) {
  const auto rate = [](std::int64_t inputs, bool convolutional, const char* optimizer) {
    return resolve({.optimizer = {.optimizer = optimizer}}, inputs, convolutional).optimizer.lr;
  };
  EXPECT_EQ(rate(1, false, "adam"), 1e-3);
  EXPECT_EQ(rate(784, false, "adam"), 1e-3);
  EXPECT_EQ(rate(4000, false, "adam"), 2.5e-4);
  EXPECT_EQ(rate(4000, false, "sgd"), 2.5e-3);
  EXPECT_EQ(rate(4000, true, "adam"), 3e-3);
  EXPECT_EQ(resolve({.optimizer = {.lr = 0.5}}, 4000, false).optimizer.lr, 0.5);
}

TEST(Training, ABatchLargerThanTheDataIsRefused) {
  const TemporaryFolder run;
  const Samples samples = small_data();
  Model model = make_model(kModel, samples.sample_shape(), 1);
  EXPECT_THROW(train({.threads = 1}, {.epochs = 1, .batch = 231}, samples, run.path(), false, {}, model),
               InvalidArgument);
}

TEST(Training, SamplesOfAnotherShapeAreRefused) {
  const TemporaryFolder run;
  const Samples samples = small_data();
  Model model = make_model(kModel, {35}, 1);
  EXPECT_THROW(train({.threads = 1}, kShort, samples, run.path(), false, {}, model), DataError);
}

TEST(Training, ConstantInputsAndASingleSampleAreHandled) {
  for (const std::int64_t count : {1, 7}) {
    const TemporaryFolder run;
    const Samples samples(Tensor<float>({count, 5}));
    Model model = make_model({.arch = "3fc"}, {5}, 1);
    EXPECT_EQ(train({.threads = 1}, {.epochs = 2}, samples, run.path(), false, {}, model),
              TrainOutcome::finished);
    EXPECT_EQ(model.top().summary.epochs, 2);
  }
}

}  // namespace
}  // namespace wta
