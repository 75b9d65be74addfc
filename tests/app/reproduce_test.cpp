#include "app/reproduce.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "io/npy.h"
#include "support/environment.h"
#include "support/files.h"
#include "support/small_data.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::message_of;
using testing_support::ScopedVariable;
using testing_support::small_data;
using testing_support::TemporaryFolder;

// What a stage reads, of data by name.
Shape sample_shape(const DataOptions& data) {
  for (const DatasetInfo& info : known_datasets()) {
    if (info.name != data.data) continue;
    Shape shape = info.sample_shape;
    if (data.patches > 0) shape[0] = shape[1] = data.patch_size;
    return shape;
  }
  throw std::runtime_error("unknown data " + data.data);
}

TEST(Paper, EveryTrainingHasARecipeThatSuitsItsData) {
  for (const PaperTraining& training : paper().trainings) {
    for (const bool quick : {false, true}) {
      const TrainVerb verb = training_verb(training, quick);
      Shape shape = sample_shape(verb.data);
      const std::size_t stages = std::max<std::size_t>(1, verb.stages.size());
      for (std::size_t s = 0; s < stages; ++s) {
        StageOptions stage = verb.stage;
        if (!verb.stages.empty()) {
          for (const auto& [name, value] : verb.stages[s]) set_option(stage, name, value);
        }
        if (s > 0) stage.model.preprocess = "none";
        ASSERT_NO_THROW(stage.model = resolve(stage.model, shape)) << training.name;
        shape = code_shape(stage.model, shape);
      }
    }
  }
}

TEST(Paper, NamesAreUniqueAndEveryTrainingIsThere) {
  std::set<std::string> trainings;
  for (const PaperTraining& training : paper().trainings) EXPECT_TRUE(trainings.insert(training.name).second);
  std::set<std::string> used;
  std::set<std::string> names;
  for (const PaperExhibit& exhibit : paper().exhibits) {
    EXPECT_TRUE(names.insert(exhibit.name).second);
    std::set<std::string> labels;
    for (const PaperRow& row : exhibit.rows) {
      EXPECT_TRUE(labels.insert(row.label).second) << row.label;
      EXPECT_TRUE(row.published.has_value() || !row.training.empty()) << row.label;
      if (!row.training.empty()) used.insert(row.training);
    }
    for (const PaperPart& part : exhibit.parts) {
      EXPECT_TRUE(labels.insert(part.caption).second) << part.caption;
      used.insert(part.training);
    }
  }
  EXPECT_EQ(used, trainings);
  EXPECT_EQ(names.size(), 16);
}

TEST(Paper, AnUnknownNameIsAnsweredWithTheNearest) {
  const std::string message = message_of<InvalidArgument>([] { (void)paper().exhibit("tabel1"); });
  EXPECT_THAT(message, HasSubstr("Try: 'table1'"));
}

/// A table and a figure of networks that train in no time, and data that are not here.
class Reproduce : public ::testing::Test {
 protected:
  Reproduce() {
    const Samples samples = small_data(120, 36);
    Tensor<float> values({120, 36});
    samples.read(0, values.matrix());
    write_npy(folder_.path() / "data.npy", std::move(values));
    std::ofstream labels(folder_.path() / "labels.csv");
    for (int i = 0; i < 120; ++i) labels << i % 3 << "\n";
    std::ofstream recipe(folder_.path() / "small.toml");
    recipe << "data = '" << (folder_.path() / "data.npy").string() << "'\nlabel_file = '"
           << (folder_.path() / "labels.csv").string() << "'\narch = '9fc'\nepochs = 2\nbatch = 30\n";
    std::ofstream missing(folder_.path() / "missing.toml");
    missing << "data = 'svhn'\narch = '9fc'\n";
    catalogue_.trainings = {{"small", path("small.toml"), {{"lifetime", "20%"}}, {{"arch", "5fc"}}},
                            {"missing", path("missing.toml")}};
    catalogue_.exhibits = {
        {.name = "table1",
         .title = "a table",
         .rows = {{"ours", 1.5, "small"},
                  {"theirs", 2.25},
                  {.label = "raw", .published = {}, .training = "small", .features = "raw"},
                  {"not here", 3.0, "missing"}}},
        {.name = "fig1", .title = "a figure", .parts = {{"atoms", "small"}}}};
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  ReproduceReport run(std::vector<std::string> names, bool quick, std::int64_t seeds = 1) {
    return run_reproduce(
        catalogue_,
        {.names = std::move(names), .out = path("out"), .quick = quick, .seeds = seeds, .threads = 2}, {});
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream file(folder_.path() / "out" / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryFolder folder_;
  ScopedVariable data_{"WTA_DATA", folder_.path().string()};
  ScopedVariable cache_{"XDG_CACHE_HOME", folder_.path().string()};
  PaperCatalogue catalogue_;
};

TEST_F(Reproduce, WritesOurNumbersBesideThePublishedOnes) {
  const ReproduceReport report = run({"all"}, false, 2);
  ASSERT_EQ(report.figures.size(), 4);
  EXPECT_FALSE(report.stopped);
  ClassifyVerb alone;
  alone.run = folder_.path() / "out" / "runs" / "small-seed2";
  EXPECT_EQ(report.figures[1].value, run_classify(alone).test_error_percent);
  EXPECT_EQ(report.figures[1].seed, 2);
  EXPECT_EQ(load_model(alone.run).top().options.at("seed"), "2");
  EXPECT_EQ(report.figures[1].command,
            "wta train --recipe " + path("small.toml") + " --set lifetime=20% --seed 2; wta classify");
  const std::string page = text("README.md");
  const double mean = (report.figures[0].value + report.figures[1].value) / 2;
  EXPECT_THAT(page, HasSubstr(fmt::format("| ours | {:.2f} ± ", mean)));
  EXPECT_THAT(page, HasSubstr("(2 seeds) | 1.50 |"));
  EXPECT_THAT(page, HasSubstr("| theirs | | 2.25 | | |"));
  EXPECT_THAT(page, HasSubstr("![atoms](fig1-1.png)"));
  EXPECT_THAT(page, Not(HasSubstr("Quick run")));
  EXPECT_TRUE(fs::exists(folder_.path() / "out" / "fig1-1.png"));
}

TEST_F(Reproduce, SkipsByNameWhatHasNoData) {
  const ReproduceReport report = run({"table1"}, true);
  ASSERT_EQ(report.skipped.size(), 1);
  EXPECT_THAT(report.skipped[0], HasSubstr("table1, not here: svhn is not here"));
  EXPECT_THAT(text("README.md"), HasSubstr("- table1, not here: svhn"));
}

TEST_F(Reproduce, QuickNetworksAreSmallerAndSaidToBe) {
  run({"table1"}, true);
  EXPECT_THAT(text("README.md"), HasSubstr("Quick run"));
  EXPECT_EQ(load_model(folder_.path() / "out" / "runs" / "small-seed1").top().network.units(), 5);
}

TEST_F(Reproduce, TheSameCommandTrainsNothingAgain) {
  const ReproduceReport first = run({"table1"}, true);
  const fs::path model = folder_.path() / "out" / "runs" / "small-seed1" / "model.safetensors";
  fs::remove(model);  // would be missed
  const ReproduceReport second = run({"table1"}, true);
  EXPECT_FALSE(fs::exists(model));
  ASSERT_EQ(second.figures.size(), first.figures.size());
  EXPECT_EQ(second.figures[0].value, first.figures[0].value);
}

TEST_F(Reproduce, AStoppedRunGoesOn) {
  const std::atomic<int> stop = 15;
  ReproduceHooks hooks;
  hooks.training.hooks.stop = &stop;
  const ReproduceVerb verb{.names = {"table1"}, .out = path("out"), .quick = true, .threads = 2};
  EXPECT_TRUE(run_reproduce(catalogue_, verb, hooks).stopped);
  EXPECT_EQ(run({"table1"}, true).figures.size(), 2);
}

TEST_F(Reproduce, ResultsOfAnotherKindOrShapeAreRefused) {
  run({"table1"}, true);
  EXPECT_THAT(message_of<InvalidArgument>([&] { run({"table1"}, false); }), HasSubstr("with --quick"));
  std::ofstream(folder_.path() / "out" / "results.json") << "{}";
  EXPECT_THROW(run({"table1"}, true), DataError);
}

}  // namespace
}  // namespace wta
