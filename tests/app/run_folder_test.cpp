#include "app/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/recipes.h"
#include "app/train.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing::HasSubstr;
using testing_support::message_of;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

TEST(Config, StagesAreTablesBesideTheOptions) {
  const Config config = parse_config(
      "data = \"digits\"\nlr = 0.5\ntied = \"no\"\nepochs = 3\nresume = true\n"
      "[[stages]]\narch = \"8conv5-8deconv7\"\n[[stages]]\narch = \"16fc\"\nlifetime = \"5%\"\n",
      "r");
  EXPECT_EQ(
      config.options,
      (OptionValues{{"data", "digits"}, {"lr", "0.5"}, {"tied", "no"}, {"epochs", "3"}, {"resume", "true"}}));
  EXPECT_EQ(config.stages, (std::vector<OptionValues>{{{"arch", "8conv5-8deconv7"}},
                                                      {{"arch", "16fc"}, {"lifetime", "5%"}}}));
}

TEST(Config, WhatIsNoConfigIsRefusedWithFileAndLine) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"lr = ", "not a TOML file"},
      {"lr = 1\nlr = 2\n", "not a TOML file"},
      {"\nlr = [1]\n", "'lr' must be a text, a number or true/false (line 2)"},
      {"[optimizer]\nlr = 1\n", "'optimizer' must be"},
      {"\nstages = 2\n", "'stages' must be tables [[stages]], one per stage (line 2)"},
      {"stages = []\n", "'stages' must be tables"},
      {"stages = [1, 2]\n", "'stages' must be tables"},
      {"[[stages]]\nlr = [1]\n", "'lr' must be"}};
  for (const auto& [text, expected] : cases) {
    const std::string message = message_of<DataError>([&] { (void)parse_config(text, "my.toml"); });
    EXPECT_THAT(message, HasSubstr(expected)) << text;
    EXPECT_THAT(message, HasSubstr("my.toml")) << text;
  }
}

TEST(Config, WhatWasWrittenIsReadBack) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "config.toml";
  StageOptions conv;
  conv.model.arch = "8conv5-8deconv7";
  conv.model.lifetime = {.fraction = 0.07};
  StageOptions fc;
  fc.model.arch = "16fc";
  fc.training.optimizer.lr = 1e-5;
  TrainVerb verb;
  verb.data.data = "a \"quoted\" name \\ with a tab\t";
  write_config(path, describe(verb), {describe(conv), describe(fc)});
  const Config config = read_config(path);
  ASSERT_EQ(config.stages.size(), 2U);
  EXPECT_EQ(config.options.at("data"), verb.data.data);
  for (const OptionText& option : describe(conv))
    EXPECT_EQ(config.stages[0].at(std::string(option.info.name)), option.value) << option.info.name;
  for (const OptionText& option : describe(fc))
    EXPECT_EQ(config.stages[1].at(std::string(option.info.name)), option.value) << option.info.name;
}

TEST(RunFolder, WhatLiesBesideABareModelFileIsInItsFolder) {
  const TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  write_bytes("model.safetensors", "x");
  EXPECT_EQ(RunFolder{"model.safetensors"}.config(), "./config.toml");
  EXPECT_EQ(RunFolder{folder.path() / "model.safetensors"}.config(), folder.path() / "config.toml");
  EXPECT_EQ(RunFolder{folder.path()}.config(), folder.path() / "config.toml");
  std::filesystem::current_path(before);
}

TEST(RunFolder, ARunIsNeitherReplacedNorMissedUnasked) {
  const TemporaryFolder folder;
  const auto prepare = [&](bool resume, bool overwrite) {
    (void)prepare_run_folder({folder.path()}, resume, overwrite);
  };
  EXPECT_THAT(message_of<InvalidArgument>([&] { prepare(true, false); }), HasSubstr("must hold a run"));
  for (const char* name : {"model.safetensors", "config.toml"}) {
    const auto file = write_bytes(folder.path() / name, "x");
    EXPECT_THAT(message_of<InvalidArgument>([&] { prepare(false, false); }),
                HasSubstr("the folder holds a run already; got '" + folder.path().string() + "'"));
    EXPECT_THAT(message_of<InvalidArgument>([&] { prepare(true, true); }),
                HasSubstr("--resume and --overwrite exclude each other"));
    EXPECT_NO_THROW(prepare(true, false));
    EXPECT_TRUE(std::filesystem::exists(file));
    EXPECT_NO_THROW(prepare(false, true));
    EXPECT_FALSE(std::filesystem::exists(file));
  }
}

TEST(RunFolder, WhatCannotBeAFolderIsRefusedWithTheReason) {
  // The path of config.toml has 4095 bytes in the second, the most that there may be; that of the model has
  // more.
  std::string long_path = "./";
  while (long_path.size() < 4095 - std::string("/config.toml").size())
    long_path += long_path.back() == '/' ? 'a' : '/';
  for (const std::string& path : {std::string(300, 'a'), long_path}) {
    EXPECT_THAT(message_of<IoError>([&] { (void)prepare_run_folder({path}, false, false); }),
                HasSubstr("the run folder cannot be prepared: File name too long. Try: another --out."));
  }
}

TEST(RunFolder, OverwritingRemovesCheckpointsButNotWhatALinkLeadsTo) {
  namespace fs = std::filesystem;
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "run", mine = folder.path() / "mine";
  fs::create_directories(run / "checkpoints" / "inner");
  fs::create_directories(mine);
  write_bytes(run / "checkpoints" / "inner" / "a", "x");
  const fs::path kept = write_bytes(mine / "b", "x");
  fs::create_directory_symlink(mine, run / "checkpoints" / "link");
  (void)prepare_run_folder({run}, false, true);
  EXPECT_FALSE(fs::exists(run / "checkpoints"));
  EXPECT_TRUE(fs::exists(kept));
}

TEST(RunFolder, AnEventFileThatStaysIsNamed) {
  const TemporaryFolder folder;
  const RunFolder run{folder.path()};
  write_bytes(run.events(1), "x");
  std::filesystem::create_directories(run.events(2) / "mine");
  EXPECT_THAT(message_of<IoError>([&] { (void)prepare_run_folder(run, false, true); }),
              HasSubstr(run.events(2).string() + ": the event file could not be removed: "));
  EXPECT_FALSE(std::filesystem::exists(run.events(1)));
  EXPECT_TRUE(std::filesystem::exists(run.events(2)));
}

TEST(Recipe, AnUnknownNameIsAnsweredWithTheNearestOne) {
  EXPECT_THAT(message_of<InvalidArgument>([] { (void)load_recipe("mnist-conv16"); }),
              testing::AllOf(HasSubstr("got 'mnist-conv16'"), HasSubstr("Try: 'mnist-conv-16'")));
  EXPECT_THAT(message_of<IoError>([] { (void)load_recipe("missing.toml"); }), HasSubstr("missing.toml"));
}

TEST(Recipe, AFolderOfTheSameNameDoesNotHideABuiltInOne) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "mnist-conv-16");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  EXPECT_NO_THROW(EXPECT_EQ(load_recipe("mnist-conv-16").options.at("data"), "mnist"));
  std::filesystem::current_path(before);
}

TEST(Recipe, EveryBuiltInOneSetsOptionsThatExist) {
  ASSERT_FALSE(built_in_recipes().empty());
  for (const auto& [name, text] : built_in_recipes()) {
    const Config config = load_recipe(name);
    TrainVerb verb;
    EXPECT_NO_THROW(for (const auto& [key, value] : config.options) set_option(verb, key, value)) << name;
    for (const OptionValues& stage : config.stages)
      EXPECT_NO_THROW(for (const auto& [key, value] : stage) set_option(verb.stage, key, value)) << name;
  }
}

TEST(Recipe, AFileIsReadByItsPath) {
  const TemporaryFolder folder;
  const auto path = write_bytes(folder.path() / "mine.toml", "lr = 0.25\n");
  EXPECT_EQ(load_recipe(path.string()).options.at("lr"), "0.25");
}

}  // namespace
}  // namespace wta
