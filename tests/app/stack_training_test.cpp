#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "app/train.h"
#include "io/event_records.h"
#include "io/npy.h"
#include "io/sha256.h"
#include "support/environment.h"
#include "support/files.h"
#include "support/small_data.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;
using testing_support::message_of;
using testing_support::ScopedVariable;
using testing_support::small_data;
using testing_support::TemporaryFolder;

// Rows of 36 values, seen as images of 6x6; 60 of them are two steps of 30 samples an epoch.
fs::path write_data(const fs::path& folder, std::int64_t count = 60) {
  const Samples samples = small_data(count, 36);
  Tensor<float> values({count, 36});
  samples.read(0, values.matrix());
  write_npy(folder / "data.npy", std::move(values));
  return folder / "data.npy";
}

// Two epochs of 6x6 images, then two epochs of their pooled maps.
const std::vector<OptionValues> kConvOnConv = {
    {{"arch", "6conv3-6deconv3"}, {"epochs", "2"}, {"pool", "3/2"}},
    {{"arch", "4conv3-5conv3-5deconv3"}, {"epochs", "2"}, {"optimizer", "sgd"}, {"lr", "0.01"}}};
const std::vector<OptionValues> kFcOnConv = {
    {{"arch", "6conv3-6deconv3"}, {"epochs", "2"}, {"spatial", "no"}},
    {{"arch", "9fc"}, {"epochs", "2"}, {"lifetime", "20%"}}};
constexpr std::int64_t kFirstSteps = 4;
constexpr std::int64_t kSteps = kFirstSteps + 4;

TrainVerb stack_verb(const fs::path& data, const fs::path& out, const std::vector<OptionValues>& stages) {
  TrainVerb verb;
  verb.data = {.data = data.string(), .hold_out_fraction = 0, .image_size = "6x6"};
  verb.stage.training.batch = 30;
  verb.stages = stages;
  verb.run = {.out = out.string(), .threads = 2};
  return verb;
}

// What `wta train --resume` starts from: the options in config.toml.
TrainVerb resumed_verb(const fs::path& out) {
  TrainVerb verb;
  const Config config = read_config(RunFolder{out}.config());
  for (const auto& [name, value] : config.options) set_option(verb, name, value);
  verb.stages = config.stages;
  verb.run.resume = true;
  return verb;
}

// Runs until `most` steps of all stages together are taken, or to the end.
TrainReport run_for(const TrainVerb& verb, std::int64_t most, std::vector<std::string>* warnings = nullptr) {
  std::atomic<int> stop{most == 0 ? 15 : 0};
  std::int64_t taken = 0;
  TrainObserver observer;
  observer.hooks = {.on_step = [&](const TrainProgress&) { stop = ++taken >= most ? 15 : 0; },
                    .on_warning =
                        [&](const std::string& text) {
                          if (warnings != nullptr) warnings->push_back(text);
                        },
                    .stop = &stop};
  return run_train(verb, observer);
}

TrainReport run_all(const TrainVerb& verb, std::vector<std::string>* warnings = nullptr) {
  return run_for(verb, 1'000'000, warnings);
}

std::string digest(const fs::path& run) {
  return sha256_of_file(RunFolder{run}.model());
}

// Stage, epoch, step and loss of every line of metrics.jsonl.
std::vector<std::string> metrics(const fs::path& run) {
  std::ifstream stream(run / "metrics.jsonl");
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    auto json = nlohmann::json::parse(line);
    json.erase("samples_per_second");
    lines.push_back(json.dump());
  }
  return lines;
}

// Records in the event file of each stage: the first, and one per epoch.
std::vector<std::size_t> events(const fs::path& run) {
  std::vector<std::size_t> records;
  for (std::int64_t stage = 1; fs::exists(RunFolder{run}.events(stage)); ++stage) {
    RecordReader reader(RunFolder{run}.events(stage));
    records.push_back(0);
    while (reader.next()) ++records.back();
  }
  return records;
}

struct Stack {
  const char* name;
  std::vector<OptionValues> stages;
};

std::ostream& operator<<(std::ostream& out, const Stack& stack) {
  return out << stack.name;
}

class StackTraining : public testing::TestWithParam<Stack> {};

TEST_P(StackTraining, StoppedAfterAnyStepItResumesToTheSameFileAndMetrics) {
  const TemporaryFolder folder;
  const fs::path data = write_data(folder.path());
  const fs::path whole = folder.path() / "whole";
  const TrainReport finished = run_all(stack_verb(data, whole, GetParam().stages));
  ASSERT_EQ(finished.outcome, TrainOutcome::finished);
  ASSERT_EQ(finished.model.stages.size(), 2U);
  ASSERT_EQ(metrics(whole).size(), 4U);
  ASSERT_THAT(events(whole), testing::ElementsAre(3, 3));
  for (std::int64_t steps = 0; steps < kSteps; ++steps) {
    const fs::path run = folder.path() / std::to_string(steps);
    const TrainReport stopped = run_for(stack_verb(data, run, GetParam().stages), steps);
    ASSERT_EQ(stopped.outcome, TrainOutcome::stopped) << "after " << steps;
    EXPECT_EQ(stopped.model.stages.size(), steps <= kFirstSteps ? 1U : 2U) << "after " << steps;
    EXPECT_EQ(run_all(resumed_verb(run)).outcome, TrainOutcome::finished);
    EXPECT_EQ(digest(run), digest(whole)) << "stopped after " << steps;
    EXPECT_EQ(metrics(run), metrics(whole)) << "stopped after " << steps;
    EXPECT_EQ(events(run), events(whole)) << "stopped after " << steps;
  }
}

TEST_P(StackTraining, AnyNumberOfThreadsGivesTheSameFile) {
  const TemporaryFolder folder;
  const fs::path data = write_data(folder.path());
  std::vector<std::string> digests;
  for (const int threads : {1, 2, 3}) {
    const fs::path run = folder.path() / std::to_string(threads);
    TrainVerb verb = stack_verb(data, run, GetParam().stages);
    verb.run.threads = threads;
    (void)run_all(verb);
    digests.push_back(digest(run));
  }
  EXPECT_THAT(digests, testing::Each(digests.front()));
}

INSTANTIATE_TEST_SUITE_P(Stacks, StackTraining,
                         testing::Values(Stack{"ConvOnConv", kConvOnConv}, Stack{"FcOnConv", kFcOnConv}),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(StackTraining, TheSecondStageIsTrainedOnTheCodesOfTheFirst) {
  const TemporaryFolder folder;
  const fs::path data = write_data(folder.path());
  const Model model = run_all(stack_verb(data, folder.path() / "run", kConvOnConv)).model;
  Tensor<float> x({60, 36});
  small_data(60, 36).read(0, x.matrix());
  Tensor<float> codes({60, 3, 3, 6});  // 6x6 pooled 3/2, six maps
  encode({.threads = 1}, model, x.matrix(), codes.matrix(), {.stage = 0});
  EXPECT_EQ(model.stages[1].sample_shape, (Shape{3, 3, 6}));
  EXPECT_EQ(model.stages[1].data_fingerprint, Samples(std::move(codes)).fingerprint());
}

TEST(StackTraining, ResumingAFinishedRunChangesNothing) {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run";
  (void)run_all(stack_verb(write_data(folder.path()), run, kConvOnConv));
  const std::string expected = digest(run);
  const std::vector<std::string> lines = metrics(run);
  (void)run_all(resumed_verb(run));
  EXPECT_EQ(digest(run), expected);
  EXPECT_EQ(metrics(run), lines);
}

std::vector<fs::path> checkpoints(const fs::path& run, const std::string& prefix) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints")) {
    if (entry.path().filename().string().starts_with(prefix)) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// As if it had died right after the first checkpoint of the second stage: the one before is the first
// stage's.
TEST(StackTraining, ADamagedFirstCheckpointOfAStageFallsBackToTheStageBelow) {
  const TemporaryFolder folder;
  const fs::path data = write_data(folder.path());
  const fs::path whole = folder.path() / "whole";
  const fs::path run = folder.path() / "run";
  (void)run_all(stack_verb(data, whole, kConvOnConv));
  ASSERT_EQ(run_for(stack_verb(data, run, kConvOnConv), kFirstSteps).outcome, TrainOutcome::stopped);
  const fs::path first = checkpoints(run, "stage-01-").back();
  fs::copy(first, folder.path() / "first");
  ASSERT_EQ(run_for(resumed_verb(run), 1).outcome, TrainOutcome::stopped);
  const std::vector<fs::path> second = checkpoints(run, "stage-02-");
  ASSERT_EQ(second.size(), 2U);
  fs::remove(second[1]);
  fs::copy(folder.path() / "first", first);
  fs::resize_file(second[0], fs::file_size(second[0]) / 2);
  std::vector<std::string> warnings;
  EXPECT_EQ(run_all(resumed_verb(run), &warnings).outcome, TrainOutcome::finished);
  EXPECT_THAT(warnings, testing::Contains(testing::HasSubstr(second[0].filename().string())));
  EXPECT_EQ(digest(run), digest(whole));
  EXPECT_EQ(metrics(run), metrics(whole));
  EXPECT_EQ(events(run), events(whole));
}

TEST(StackTraining, AStageOfItsOwnSeedDrawsItsWeightsFromIt) {
  const TemporaryFolder folder;
  const fs::path data = write_data(folder.path());
  std::vector<OptionValues> stages = kConvOnConv;
  stages[1]["seed"] = "7";
  stages[1]["init_scale"] = "0.1";
  const fs::path run = folder.path() / "run";
  (void)run_for(stack_verb(data, run, stages), kFirstSteps + 1);
  const Model begun = load_model(checkpoints(run, "stage-02-").front());
  const ModelOptions options{.arch = stages[1]["arch"], .init_scale = 0.1};
  const Stage expected = make_stage(options, {3, 3, 6}, 7, 1);
  EXPECT_THAT(begun.top().network.encoder[0].weight.span(),
              testing::ElementsAreArray(expected.network.encoder[0].weight.span()));
}

TEST(StackTraining, AResumedRunKeepsTheOptionsOfTheStagesThatAreDone) {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run";
  (void)run_for(stack_verb(write_data(folder.path()), run, kConvOnConv), kFirstSteps + 1);
  const std::string before = digest(run);
  TrainVerb verb = resumed_verb(run);
  verb.stages[0]["lr"] = "0.5";
  EXPECT_THAT(message_of<InvalidArgument>([&] { (void)run_all(verb); }),
              testing::AllOf(testing::HasSubstr("stage 1"), testing::HasSubstr("'lr' was 0.003, got 0.5")));
  EXPECT_EQ(digest(run), before);
}

TEST(StackTraining, AResumedRunKeepsItsNumberOfStages) {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run";
  (void)run_for(stack_verb(write_data(folder.path()), run, kConvOnConv), kFirstSteps + 1);
  const std::string before = digest(run);
  for (const std::size_t count : {1, 3}) {
    TrainVerb verb = resumed_verb(run);
    verb.stages.resize(count, {{"arch", "9fc"}});
    EXPECT_THAT(message_of<InvalidArgument>([&] { (void)run_all(verb); }),
                testing::HasSubstr("it was 2, got " + std::to_string(count)));
  }
  EXPECT_EQ(digest(run), before);
}

// Refused before the first step, and before a folder is made or an old run is replaced.
TEST(StackTraining, WhatDoesNotFitIsRefusedWithItsStageAndWritesNothing) {
  const TemporaryFolder folder;
  const fs::path data = write_data(folder.path());
  const fs::path run = folder.path() / "run";
  const OptionValues first = kConvOnConv[0];
  const std::vector<std::pair<OptionValues, std::string>> cases = {
      {{{"arch", "4conv5-4deconv5"}}, "stage 2: arch: a filter is at most as large as the image"},
      {{{"arch", "4conv3-4deconv3"}, {"pool", "5/3"}}, "stage 2: pool: the window is at most as large"},
      {{{"arch", "4conv2-4deconv3"}}, "stage 2: arch: a filter's side is an odd number"},
      {{{"arch", "9fc"}, {"spatial", "yes"}}, "stage 2: spatial: only feature maps"},
      {{{"arch", "9fc"}, {"lifetime", "5"}}, "stage 2: lifetime: a rate"},
      {{{"arch", "9fc"}, {"batch", "61"}}, "stage 2: batch: a mini-batch"},
      {{{"archs", "9fc"}}, "stage 2: options: unknown option 'archs'. Try: 'arch'"},
      {{{"data", "mnist"}}, "stage 2: options: unknown option 'data'"}};
  for (const auto& [second, expected] : cases) {
    EXPECT_THAT(message_of<InvalidArgument>([&] {
                  (void)run_all(stack_verb(data, run, {first, second}));
                }),
                testing::HasSubstr(expected));
    EXPECT_FALSE(fs::exists(run)) << expected;
  }
  EXPECT_THAT(message_of<InvalidArgument>([&] {
                (void)run_all(stack_verb("no-such-data", run, {first, {{"arch", "9fx"}}}));
              }),
              testing::HasSubstr("stage 2: arch: "));
  EXPECT_THAT(message_of<InvalidArgument>([&] {
                (void)run_all(stack_verb(data, run, {{{"arch", "9fc"}}, {{"arch", "4conv3-4deconv3"}}}));
              }),
              testing::HasSubstr("stage 2: arch: a convolutional encoder needs images"));
  EXPECT_FALSE(fs::exists(run));
}

// 16 MiB of codes where 10 are free, and /proc has no room for what does not fit in memory.
TEST(StackTraining, CodesThatFitNowhereAreRefusedBeforeTheFirstStage) {
  const TemporaryFolder folder;
  const ScopedVariable limit("WTA_MEMORY_GIB", "1.01");
  const std::vector<OptionValues> stages = {{{"arch", "20conv3-20deconv3"}, {"pool", "off"}},
                                            {{"arch", "9fc"}}};
  const fs::path data = write_data(folder.path(), 6000);
  EXPECT_THAT(message_of<MemoryError>([&] { (void)run_all(stack_verb(data, "/proc/wta-run", stages)); }),
              testing::AllOf(testing::HasSubstr("stage 2"), testing::HasSubstr("6000 x 720"),
                             testing::HasSubstr("fewer maps")));
}

TEST(StackTraining, WeightsThatDoNotFitInMemoryAreRefusedWithTheirStage) {
  const TemporaryFolder folder;
  const fs::path data = write_data(folder.path());
  const fs::path run = folder.path() / "run";
  const ScopedVariable limit("WTA_MEMORY_GIB", "8");
  const OptionValues wide = {{"arch", "30000000fc"}};
  EXPECT_THAT(message_of<MemoryError>([&] { (void)run_all(stack_verb(data, run, {wide})); }),
              testing::AllOf(testing::StartsWith("arch: the training"), testing::HasSubstr("fewer units")));
  EXPECT_THAT(message_of<MemoryError>([&] {
                (void)run_all(stack_verb(data, run, {kConvOnConv[0], wide}));
              }),
              testing::StartsWith("stage 2: arch: the training"));
  EXPECT_FALSE(fs::exists(run));
}

TEST(StackTraining, ABatchWhoseMapsDoNotFitInMemoryIsRefused) {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run";
  const ScopedVariable limit("WTA_MEMORY_GIB", "1.1");
  TrainVerb verb = stack_verb(write_data(folder.path(), 6000), run,
                              {{{"arch", "100conv3-2conv3-2deconv3"}, {"batch", "6000"}}});
  EXPECT_THAT(message_of<MemoryError>([&] { (void)run_all(verb); }),
              testing::AllOf(testing::StartsWith("batch: "), testing::HasSubstr("smaller --batch")));
  EXPECT_FALSE(fs::exists(run));
}

TEST(StackTraining, CodesOnTheDiskGiveTheSameFileAsCodesInMemory) {
  const TemporaryFolder folder;
  const fs::path data = write_data(folder.path(), 1200);
  const fs::path in_memory = folder.path() / "memory";
  const fs::path on_disk = folder.path() / "disk";
  std::vector<std::string> warnings;
  (void)run_all(stack_verb(data, in_memory, kConvOnConv), &warnings);
  EXPECT_TRUE(warnings.empty());
  const ScopedVariable limit("WTA_MEMORY_GIB", "1.0002");  // about 215,000 bytes beside the reserve
  (void)run_all(stack_verb(data, on_disk, kConvOnConv), &warnings);
  EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("temporary file in " + on_disk.string())));
  EXPECT_EQ(digest(on_disk), digest(in_memory));
}

TEST(SingleStage, ABatchLargerThanTheDataKeepsTheOldRun) {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run";
  const std::vector<OptionValues> one = {{{"arch", "9fc"}, {"epochs", "1"}}};
  const fs::path data = write_data(folder.path());
  (void)run_all(stack_verb(data, run, one));
  const std::string before = digest(run);
  TrainVerb verb = stack_verb(data, run, one);
  verb.run.overwrite = true;
  verb.stage.training.batch = 61;
  EXPECT_THROW((void)run_all(verb), InvalidArgument);
  ASSERT_TRUE(fs::exists(RunFolder{run}.model()));
  EXPECT_EQ(digest(run), before);
}

}  // namespace
}  // namespace wta
