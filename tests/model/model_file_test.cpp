#include "model/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "io/sha256.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::message_of;
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
      {[](TensorFile& f) { f.metadata["format_version"] = "2.1"; }, "format '2.1'"},
      {[](TensorFile& f) { f.metadata["format_version"] = "11"; }, "format '11'"},
      {[](TensorFile& f) { f.metadata["format_version"] = "1."; }, "format '1.'"},
      {[](TensorFile& f) { f.metadata["format_version"] = "1.x"; }, "format '1.x'"},
      {[](TensorFile& f) { f.metadata.erase("format_version"); }, "format_version"},
      {[](TensorFile& f) { f.metadata["architecture"] = "0fc"; }, "at least one unit"},
      {[](TensorFile& f) { f.metadata["architecture"] = "7fc"; }, "'arch' of the options, '5fc-7fc'"},
      {[](TensorFile& f) { f.metadata["options"] = "{"; }, "options"},
      {[](TensorFile& f) { f.metadata["options"] = "{}"; }, "lifetime"},
      {[](TensorFile& f) { f.metadata["options"] = "[1]"; }, "metadata 'options' is damaged"},
      {[](TensorFile& f) { f.metadata["class_names"] = "7"; }, "metadata 'class_names' is damaged"},
      {[](TensorFile& f) { f.metadata["sample_shape"] = "[-1]"; }, "whole numbers >= 0; got -1"},
      {[](TensorFile& f) { f.metadata["sample_shape"] = "[9223372036854775808]"; },
       "whole numbers >= 0; got 9223372036854775808"},
      {[](TensorFile& f) { f.metadata["sample_shape"] = "[9223372036854775807,2]"; },
       "metadata 'sample_shape': "},
      {[](TensorFile& f) { f.metadata["training_summary"] = "{}"; }, "epochs"},
      {[](TensorFile& f) { f.metadata["training_summary"] = R"({"epochs":-1})"; },
       "'epochs' must be from 0 to 2^53; got -1"},
      {[](TensorFile& f) { f.metadata["training_summary"] = R"({"epochs":1e300})"; },
       "'epochs' must be from 0 to 2^53; got 1e+300"},
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

// A model that scales the six values of its samples by the ranges of training.
Model ranged_example() {
  Model model = make_model({.preprocess = "range", .arch = "7fc"}, {2, 3}, 1);
  model.top().preprocessing.lowest = Tensor<float>({6}, std::vector<float>{-1, 0, 1, 2, 3, 4});
  model.top().preprocessing.highest = Tensor<float>({6}, std::vector<float>{0, 2, 4, 6, 8, 10});
  return model;
}

TEST(ModelFile, GivesTheRangesOfTrainingBack) {
  const Model loaded = from_tensor_file(to_tensor_file(ranged_example()), "m.safetensors");
  EXPECT_TRUE(loaded.top().preprocessing.ranges());
  EXPECT_THAT(loaded.top().preprocessing.lowest.span(), testing::ElementsAre(-1, 0, 1, 2, 3, 4));
  EXPECT_THAT(loaded.top().preprocessing.highest.span(), testing::ElementsAre(0, 2, 4, 6, 8, 10));
}

TEST(ModelFile, LostOrShortRangesOfTrainingAreRefusedByName) {
  for (const std::string name : {"stages.0.preprocess.lowest", "stages.0.preprocess.highest"}) {
    TensorFile file = to_tensor_file(ranged_example());
    file.tensors[name] = Tensor<float>({5});
    const auto read = [&] { (void)from_tensor_file(file, "m.safetensors"); };
    EXPECT_THAT(message_of<DataError>(read),
                testing::HasSubstr("m.safetensors: tensor '" + name + "' must have shape [6]; got [5]"));
    file.tensors.erase(name);
    EXPECT_THAT(message_of<DataError>(read),
                testing::HasSubstr("must hold the tensor '" + name + "'; it is missing"));
  }
}

TEST(ModelFile, ANewerMinorVersionWithAdditionsLoads) {
  const Model model = example("5fc-7fc");
  TensorFile file = to_tensor_file(model);
  file.metadata["format_version"] = "1.12";
  file.metadata["note"] = "an addition";
  file.tensors["addition"] = Tensor<float>({2});
  EXPECT_EQ(model_to_bytes(from_tensor_file(file, "m.safetensors")), model_to_bytes(model));
}

// Maps of 6x5 images with two channels, pooled to 3x3, then a second stage on them.
Model stack(const std::string& second) {
  Model model = make_model({.arch = "4conv3-5conv3-5deconv5", .pool = "3/2"}, {6, 5, 2}, 1);
  model.stages.push_back(make_stage({.arch = second, .spatial = "no"}, model.top().code_shape(), 1, 1));
  model.class_names = {"a", "b"};
  for (Stage& stage : model.stages) {
    stage.data_fingerprint = std::string(64, 'b');
    stage.network.thresholds[1] = 0.25F;
    stage.usage[2] = 7;
    stage.summary = {.epochs = 3, .steps = static_cast<std::int64_t>(10 * stage.usage.size()), .loss = 0.1};
  }
  return model;
}

void expect_same_stage(const Stage& loaded, const Stage& saved) {
  EXPECT_EQ(loaded.sample_shape, saved.sample_shape);
  EXPECT_EQ(loaded.code_shape(), saved.code_shape());
  EXPECT_EQ(loaded.options, saved.options);
  EXPECT_EQ(loaded.usage, saved.usage);
  EXPECT_EQ(loaded.pooling.window, saved.pooling.window);
  EXPECT_EQ(loaded.pooling.stride, saved.pooling.stride);
  EXPECT_EQ(loaded.summary.steps, saved.summary.steps);
  EXPECT_EQ(loaded.data_fingerprint, saved.data_fingerprint);
  const Autoencoder& a = loaded.network;
  const Autoencoder& b = saved.network;
  EXPECT_EQ(a.spatial, b.spatial);
  EXPECT_EQ(to_string(a.lifetime), to_string(b.lifetime));
  EXPECT_EQ(a.input_shape, b.input_shape);
  EXPECT_EQ(a.decoder_weight.shape(), b.decoder_weight.shape());
  ASSERT_EQ(a.encoder.size(), b.encoder.size());
  for (std::size_t l = 0; l < a.encoder.size(); ++l) {
    EXPECT_EQ(a.encoder[l].weight.shape(), b.encoder[l].weight.shape());
    EXPECT_THAT(a.encoder[l].weight.span(), testing::ElementsAreArray(b.encoder[l].weight.span()));
  }
  EXPECT_THAT(a.decoder_weight.span(), testing::ElementsAreArray(b.decoder_weight.span()));
  EXPECT_THAT(a.thresholds.span(), testing::ElementsAreArray(b.thresholds.span()));
}

TEST(ModelFile, GivesTheSameStackBack) {
  const TemporaryFolder folder;
  for (const char* second : {"6conv3-6deconv3", "9fc"}) {
    const Model model = stack(second);
    save_model(folder.path() / "model.safetensors", model);
    const Model loaded = load_model(folder.path());
    EXPECT_EQ(loaded.class_names, model.class_names);
    ASSERT_EQ(loaded.stages.size(), 2U);
    for (std::size_t s = 0; s < 2; ++s) expect_same_stage(loaded.stages[s], model.stages[s]);
  }
}

// Metadata 'options' of a stage with one of them replaced.
void set_stage_option(TensorFile& file, const std::string& key, const std::string& from,
                      const std::string& to) {
  std::string& options = file.metadata.at(key);
  const std::size_t at = options.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  options.replace(at, from.size(), to);
}

TEST(ModelFile, ADamagedStackIsRefusedByName) {
  using File = TensorFile;
  const auto message = [](const std::function<void(File&)>& damage) {
    File file = to_tensor_file(stack("6conv3-6deconv3"));
    damage(file);
    return message_of<DataError>([&] { (void)from_tensor_file(file, "m.safetensors"); });
  };
  const std::vector<std::pair<std::function<void(File&)>, std::string>> cases = {
      {[](File& f) {
         f.tensors["stages.0.decoder.weight"] = Tensor<float>({5, 5, 5, 1});
       },
       "'stages.0.decoder.weight' must have shape [5,5,5,2]; got [5,5,5,1]"},
      {[](File& f) {
         f.tensors["stages.1.decoder.weight"] = Tensor<float>({6, 3, 3, 4});
       },
       "'stages.1.decoder.weight' must have shape [6,3,3,5]"},
      {[](File& f) {
         f.tensors["stages.0.encoder.1.weight"] = Tensor<float>({5, 36});
       },
       "'stages.0.encoder.1.weight' must have shape [5,3,3,4]; got [5,36]"},
      {[](File& f) { f.tensors["stages.0.decoder.bias"] = Tensor<float>({60}); }, "must have shape [2]"},
      {[](File& f) { f.tensors.erase("stages.0.decoder.weight"); }, "must hold 'stages.0.decoder.weight'"},
      {[](File& f) { f.tensors.erase("stages.1.decoder.weight"); },
       "a model of '6conv3-6deconv3' must hold 'stages.1.decoder.weight'"},
      {[](File& f) { f.tensors.erase("stages.1.encoder.0.bias"); },
       "'stages.1.encoder.0.bias'; it is missing"},
      {[](File& f) { f.tensors.erase("stages.1.usage"); }, "'stages.1.usage'; it is missing"},
      {[](File& f) { f.metadata["stages.1.sample_shape"] = "[3,4,5]"; },
       "stage 2 must read the codes [3,3,5] of the stage below; it reads [3,4,5]"},
      {[](File& f) { f.metadata["stages.1.sample_shape"] = "[1,9,5]"; },
       "stage 2 must read the codes [3,3,5]"},
      {[](File& f) { f.metadata["stages.1.sample_shape"] = "[45]"; }, "must be [H,W] or [H,W,C] for maps"},
      {[](File& f) { f.metadata.erase("stages.1.options"); }, "'stages.1.options'; it is missing"},
      {[](File& f) { f.metadata.erase("stages.1.architecture"); }, "'stages.1.decoder.bias' belongs to none"},
      {[](File& f) { f.metadata["stages.1.architecture"] = "6conv3"; }, "ends in one deconvolution"},
      {[](File& f) { f.metadata["architecture"] = "5conv3-5deconv5"; },
       "'architecture' must be the 'arch' of the options"},
      {[](File& f) { set_stage_option(f, "options", R"("pool":"3/2")", R"("pool":"3/x")"); },
       "WINDOW/STRIDE"},
      {[](File& f) { set_stage_option(f, "options", R"("pool":"3/2")", R"("pool":"2/3")"); },
       "at most the window"},
      {[](File& f) { set_stage_option(f, "options", R"("pool":"3/2")", R"("pool":"3/1")"); },
       "stage 2 must read the codes [6,5,5]"},
      {[](File& f) { set_stage_option(f, "stages.1.options", R"("lifetime":"20%")", R"("lifetime":"x")"); },
       "lifetime"}};
  for (const auto& [damage, expected] : cases) {
    EXPECT_THAT(message(damage), testing::HasSubstr(expected));
    EXPECT_THAT(message(damage), testing::StartsWith("m.safetensors")) << expected;
  }
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
