#include "train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>

#include "model/parameters.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing::HasSubstr;
using testing_support::message_of;
using testing_support::TemporaryFolder;

std::unique_ptr<TrainState> fresh_state(const std::string& seed = "1") {
  Model model = make_model({.arch = "6fc"}, {4}, 1);
  model.top().options["seed"] = seed;
  model.top().data_fingerprint = "abc";
  return std::make_unique<TrainState>(std::move(model), OptimizerOptions{});
}

std::vector<std::string> files_in(const std::filesystem::path& run) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints")) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void save_at(const std::filesystem::path& run, std::int64_t step) {
  const auto state = fresh_state();
  state->step = step;
  state->stage().network.encoder[0].weight[0] = static_cast<float>(step);
  state->statistics.loss_sum = 0.1 * static_cast<double>(step);
  state->optimizer.state().at("1.decoder.bias")->matrix()(0, 2) = 0.5F;
  save_checkpoint(run, *state);
}

TEST(Checkpoint, GivesTheStateBackBitForBit) {
  const TemporaryFolder run;
  save_at(run.path(), 3);
  const auto state = fresh_state();
  EXPECT_EQ(load_newest_checkpoint(run.path(), {}, *state), 3);
  EXPECT_EQ(state->stage().network.encoder[0].weight[0], 3.0F);
  EXPECT_EQ(state->statistics.loss_sum, 0.1 * 3.0);
  EXPECT_EQ(state->optimizer.state().at("1.decoder.bias")->matrix()(0, 2), 0.5F);
}

TEST(Checkpoint, OnlyTheLastTwoAreKept) {
  const TemporaryFolder run;
  for (const std::int64_t step : {5, 10, 15}) save_at(run.path(), step);
  EXPECT_THAT(files_in(run.path()), testing::ElementsAre("stage-01-step-000000010.safetensors",
                                                         "stage-01-step-000000015.safetensors"));
}

TEST(Checkpoint, ADamagedNewestFallsBackToTheOneBeforeWithAWarning) {
  for (const bool truncate : {true, false}) {
    const TemporaryFolder run;
    save_at(run.path(), 5);
    save_at(run.path(), 10);
    const auto newest = run.path() / "checkpoints" / "stage-01-step-000000010.safetensors";
    if (truncate) {
      std::filesystem::resize_file(newest, std::filesystem::file_size(newest) / 2);
    } else {
      std::fstream file(newest, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(-9, std::ios::end);
      file.put('\x55');
    }
    const auto state = fresh_state();
    std::vector<std::string> warnings;
    EXPECT_EQ(load_newest_checkpoint(
                  run.path(), [&](const std::string& w) { warnings.push_back(w); }, *state),
              5);
    EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("stage-01-step-000000010")));
    EXPECT_EQ(state->stage().network.encoder[0].weight[0], 5.0F);
  }
}

TEST(Checkpoint, WhenNoneIsWholeTheRunIsRefused) {
  const TemporaryFolder run;
  save_at(run.path(), 5);
  std::ofstream(run.path() / "checkpoints" / "stage-01-step-000000005.safetensors") << "x";
  const auto state = fresh_state();
  EXPECT_THROW((void)load_newest_checkpoint(run.path(), {}, *state), DataError);
}

TEST(Checkpoint, TemporariesOfAKilledProcessAreRemoved) {
  const TemporaryFolder run;
  save_at(run.path(), 5);
  std::ofstream(run.path() / "checkpoints" / "stage-01-step-000000010.safetensors.123-0.tmp") << "half";
  const auto state = fresh_state();
  (void)load_newest_checkpoint(run.path(), {}, *state);
  EXPECT_THAT(files_in(run.path()), testing::ElementsAre("stage-01-step-000000005.safetensors"));
}

TEST(Checkpoint, ADifferentResultOptionOrOtherDataIsRefusedByName) {
  const TemporaryFolder run;
  save_at(run.path(), 5);
  const auto other_seed = fresh_state("2");
  try {
    (void)load_newest_checkpoint(run.path(), {}, *other_seed);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("'seed' was 1, got 2"));
  }
  const auto other_data = fresh_state();
  other_data->stage().data_fingerprint = "def";
  EXPECT_THROW((void)load_newest_checkpoint(run.path(), {}, *other_data), InvalidArgument);
}

TEST(Checkpoint, AnOptionThatIsUnknownTodayIsRefusedByName) {
  EXPECT_THAT(message_of<InvalidArgument>([] {
                require_same_options({{"lr", "1"}}, {{"seed", "4"}});
              }),
              HasSubstr("'seed' was 4, got (unset)"));
}

TEST(Checkpoint, NoneThereIsNotAnError) {
  const TemporaryFolder run;
  const auto state = fresh_state();
  EXPECT_EQ(load_newest_checkpoint(run.path(), {}, *state), std::nullopt);
  EXPECT_EQ(newest_checkpointed_model(run.path(), {}), std::nullopt);
}

TEST(Checkpoint, TheModelOfTheNewestIsReadWithoutAState) {
  const TemporaryFolder run;
  save_at(run.path(), 5);
  save_at(run.path(), 10);
  const std::optional<Model> model = newest_checkpointed_model(run.path(), {});
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(model->top().network.encoder[0].weight[0], 10.0F);
  for (const std::string& name : files_in(run.path()))
    std::ofstream(run.path() / "checkpoints" / name) << "x";
  EXPECT_THAT(message_of<DataError>([&] { (void)newest_checkpointed_model(run.path(), {}); }),
              HasSubstr("no checkpoint is whole; 2 damaged. Try: --overwrite"));
}

TEST(Checkpoint, OtherFilesInItsFolderAreNeitherReadNorRemoved) {
  const TemporaryFolder run;
  save_at(run.path(), 5);
  for (const char* name : {"notes.safetensors", "stage-01-notes.txt"})
    std::ofstream(run.path() / "checkpoints" / name) << "mine";
  for (const std::int64_t step : {10, 15}) save_at(run.path(), step);
  const auto state = fresh_state();
  const auto warn = [](const std::string& text) { ADD_FAILURE() << text; };
  EXPECT_EQ(load_newest_checkpoint(run.path(), warn, *state), 15);
  EXPECT_THAT(files_in(run.path()), testing::ElementsAre("notes.safetensors", "stage-01-notes.txt",
                                                         "stage-01-step-000000010.safetensors",
                                                         "stage-01-step-000000015.safetensors"));
}

TEST(Checkpoint, WhatDoesNotFitTheTrainingIsRefusedByName) {
  const std::vector<std::pair<std::function<void(TensorFile&)>, std::string>> cases = {
      {[](TensorFile& f) { f.tensors.erase("train.wins"); },
       "tensor 'train.wins' must have shape [6]; it is missing or different"},
      {[](TensorFile& f) { f.tensors["train.wins"] = Tensor<float>({6}); },
       "tensor 'train.wins' must have shape [6]; it is missing or different"},
      {[](TensorFile& f) { f.tensors["train.threshold_updates"] = Tensor<std::int64_t>({5}); },
       "tensor 'train.threshold_updates' must have shape [6]"},
      {[](TensorFile& f) { std::get<Tensor<std::int64_t>>(f.tensors["train.position"])[1] = -3; },
       "tensor 'train.position' must be >= 0; got -3"}};
  for (const auto& [damage, expected] : cases) {
    TensorFile file = to_tensor_file(*fresh_state());
    damage(file);
    const auto state = fresh_state();
    EXPECT_THAT(message_of<DataError>([&] { restore(file, "c.safetensors", *state); }),
                HasSubstr("c.safetensors: " + expected));
  }
}

// The same top stage, on data or on another stage.
TEST(Checkpoint, ThatOfAHigherStageIsRefused) {
  const auto state = fresh_state();
  Model stack = make_model({.arch = "4fc"}, {9}, 1);
  stack.stages.push_back(state->stage());
  TrainState higher(std::move(stack), OptimizerOptions{});
  const TensorFile file = to_tensor_file(higher);
  EXPECT_THAT(message_of<DataError>([&] { restore(file, "c.safetensors", *state); }),
              HasSubstr("c.safetensors: the checkpoint must hold 1 stages; got 2"));
}

}  // namespace
}  // namespace wta
