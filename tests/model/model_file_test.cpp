#include "model/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "io/sha256.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::TemporaryFolder;

Model example(const std::string& arch = "7fc") {
  Model model = make_model({.arch = arch}, {2, 3}, 1);
  model.class_names = {"zero", "one, \"quoted\""};
  model.top().data_fingerprint = std::string(64, 'a');
  model.top().options["seed"] = "1";
  model.top().usage = std::vector<std::int64_t>(static_cast<std::size_t>(model.top().network.units()), 4);
  model.top().network.thresholds[0] = 0.125F;
  model.top().summary = {.epochs = 2,
                         .steps = 10,
                         .dead_units = 1,
                         .loss = 0.1,
                         .explained_variance = 0.7,
                         .active_fraction = 0.05};
  return model;
}

TEST(ModelFile, GivesTheSameModelBack) {
  const TemporaryFolder folder;
  for (const char* arch : {"7fc", "5fc-7fc"}) {
    const Model model = example(arch);
    save_model(folder.path() / "model.safetensors", model);
    const Model loaded = load_model(folder.path());
    EXPECT_EQ(loaded.top().network.tied(), model.top().network.tied());
    EXPECT_EQ(loaded.class_names, model.class_names);
    EXPECT_EQ(loaded.top().sample_shape, model.top().sample_shape);
    EXPECT_EQ(loaded.top().options, model.top().options);
    EXPECT_EQ(loaded.top().usage, model.top().usage);
    EXPECT_EQ(loaded.top().summary.loss, model.top().summary.loss);
    EXPECT_EQ(loaded.top().summary.dead_units, 1);
    EXPECT_THAT(loaded.top().network.encoder.back().weight.span(),
                testing::ElementsAreArray(model.top().network.encoder.back().weight.span()));
    EXPECT_EQ(loaded.top().network.thresholds[0], 0.125F);
  }
}

TEST(ModelFile, TheSameModelGivesTheSameBytes) {
  const TemporaryFolder folder;
  save_model(folder.path() / "a.safetensors", example());
  save_model(folder.path() / "b.safetensors", example());
  EXPECT_EQ(sha256_of_file(folder.path() / "a.safetensors"), sha256_of_file(folder.path() / "b.safetensors"));
}

TEST(ModelFile, SaysNothingOfThreadsPathsOrTime) {
  const TensorFile file = to_tensor_file(example());
  std::vector<std::string> keys;
  for (const auto& [key, value] : file.metadata) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("architecture", "class_names", "data_fingerprint", "format_version",
                                         "options", "sample_shape", "training_summary"));
  EXPECT_THAT(file.metadata.at("options"), testing::Not(testing::HasSubstr("threads")));
  EXPECT_THAT(file.metadata.at("options"), testing::Not(testing::HasSubstr("\"out\"")));
}

// Every damage ends in a DataError that names the file and what is wrong.
TEST(ModelFile, ADamagedOrForeignFileIsRefusedByName) {
  const auto message = [](const std::function<void(TensorFile&)>& damage) -> std::string {
    TensorFile file = to_tensor_file(example("5fc-7fc"));
    damage(file);
    try {
      (void)from_tensor_file(file, "m.safetensors");
    } catch (const DataError& error) {
      return error.what();
    }
    return "(accepted)";
  };
  const std::vector<std::pair<std::function<void(TensorFile&)>, std::string>> cases = {
      {[](TensorFile& f) { f.metadata["format_version"] = "2"; }, "format '2'"},
      {[](TensorFile& f) { f.metadata.erase("format_version"); }, "format_version"},
      {[](TensorFile& f) { f.metadata["architecture"] = "0fc"; }, "at least one unit"},
      {[](TensorFile& f) { f.metadata["options"] = "{"; }, "options"},
      {[](TensorFile& f) { f.metadata["options"] = "{}"; }, "lifetime"},
      {[](TensorFile& f) { f.metadata["sample_shape"] = "[-1]"; }, "sample_shape"},
      {[](TensorFile& f) { f.metadata["training_summary"] = "{}"; }, "epochs"},
      {[](TensorFile& f) { f.tensors.erase("stages.0.encoder.0.bias"); }, "stages.0.encoder.0.bias"},
      {[](TensorFile& f) { f.tensors.erase("stages.0.decoder.weight"); }, "decoder.weight"},
      {[](TensorFile& f) { f.tensors["stages.0.decoder.bias"] = Tensor<float>({5}); }, "must have shape [6]"},
      {[](TensorFile& f) { f.tensors["stages.0.thresholds"] = Tensor<double>({7}); }, "element type"},
      {[](TensorFile& f) { f.tensors["stages.0.usage"] = Tensor<std::int64_t>({6}); }, "usage"},
      {[](TensorFile& f) {
         std::get<Tensor<float>>(f.tensors["stages.0.encoder.1.weight"])[3] =
             std::numeric_limits<float>::infinity();
       },
       "element 3"}};
  for (const auto& [damage, expected] : cases) EXPECT_THAT(message(damage), testing::HasSubstr(expected));
}

TEST(ModelFile, AMissingModelSaysHowToTrainOne) {
  const TemporaryFolder folder;
  try {
    (void)load_model(folder.path());
    FAIL();
  } catch (const IoError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("wta train"));
  }
}

}  // namespace
}  // namespace wta
