#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <functional>

#include "io/safetensors.h"
#include "wta/classifier.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class ClassifierFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / (std::string("wta_classifier_") + info->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = folder_ / "classifier.safetensors";
    classifier_.weight = Tensor<float>({2, 3}, std::vector<float>{1, -2, 0.1F, 4, 1e-30F, 6});
    classifier_.bias = Tensor<float>({2}, std::vector<float>{0.25F, -1});
    classifier_.code_scale = 0.1 + 0.2;
    classifier_.C = 0x1p-6;
    classifier_.class_names = {"cat \"tom\"", "d\xC3\xB6g"};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// What loading says after `change` was made to a good file.
  void expect_refused(const std::function<void(TensorFile&)>& change, const std::string& message) {
    save_classifier(path_, classifier_);
    TensorFile file = read_safetensors(path_);
    file.metadata.erase(kDataSha256);
    change(file);
    write_safetensors(path_, file);
    EXPECT_THAT([&] { (void)load_classifier(path_); }, ThrowsMessage<DataError>(HasSubstr(message)));
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
  LinearClassifier classifier_;
};

TEST_F(ClassifierFile, SavedAndLoaded_ThenEqual) {
  classifier_.stages = "all";
  save_classifier(path_, classifier_);
  const LinearClassifier back = load_classifier(path_);
  EXPECT_EQ(back.weight.shape(), classifier_.weight.shape());
  EXPECT_TRUE(std::ranges::equal(back.weight.span(), classifier_.weight.span()));
  EXPECT_TRUE(std::ranges::equal(back.bias.span(), classifier_.bias.span()));
  EXPECT_EQ(back.code_scale, classifier_.code_scale);
  EXPECT_EQ(back.C, classifier_.C);
  EXPECT_EQ(back.class_names, classifier_.class_names);
  EXPECT_EQ(back.stages, "all");
}

TEST_F(ClassifierFile, Damaged_ThenFieldIsNamed) {
  expect_refused([](TensorFile& f) { f.tensors.erase("bias"); }, "tensor bias");
  expect_refused([](TensorFile& f) { f.tensors["bias"] = Tensor<float>({3}); }, "[2,3] and [3]");
  expect_refused([](TensorFile& f) { f.tensors["weight"] = Tensor<double>({2, 3}); }, "must be float32");
  expect_refused([](TensorFile& f) { f.tensors["weight"] = Tensor<float>({6}); }, "[6] and [2]");
  expect_refused(
      [](TensorFile& f) {
        f.tensors["weight"] = Tensor<float>({1, 3});
        f.tensors["bias"] = Tensor<float>({1});
      },
      "two classes or more; got [1,3] and [1]");
  expect_refused([](TensorFile& f) { f.tensors["weight"] = Tensor<float>({2, 0}); }, "[2,0] and [2]");
  expect_refused([](TensorFile& f) { std::get<Tensor<float>>(f.tensors["weight"])[0] = HUGE_VALF; },
                 "must be finite");
  expect_refused([](TensorFile& f) { f.metadata.erase("code_scale"); }, "__metadata__.code_scale");
  expect_refused([](TensorFile& f) { f.metadata["code_scale"] = std::string("0"); }, "positive number");
  for (const std::string text : {"1x", "x", "", "1e999", "inf", "nan", "-1"}) {
    expect_refused([&](TensorFile& f) { f.metadata["C"] = text; },
                   "__metadata__.C: must be a positive number; got \"" + text + '"');
  }
  expect_refused([](TensorFile& f) { f.metadata["class_names"] = "[\"a\"]"; }, "must name all 2 classes");
  for (const std::string text : {"[1, 2]", "[[[[[", "{}", "\"a\"", "[\"a\", \"b\"", ""}) {
    expect_refused([&](TensorFile& f) { f.metadata["class_names"] = text; },
                   "must be a JSON list of texts; got " + text + ". Try:");
  }
  expect_refused([](TensorFile& f) { f.metadata["class_names"] = "[[\"a\"],[\"b\"]]"; }, "class_names");
  expect_refused([](TensorFile& f) { f.metadata["format_version"] = std::string("2"); },
                 "reads version 1; got 2");
  expect_refused([](TensorFile& f) { f.metadata["format_version"] = std::string("2.1"); },
                 "reads version 1; got 2.1");
  expect_refused([](TensorFile& f) { f.metadata["format"] = "wta-model"; }, "must be wta-classifier");
}

TEST_F(ClassifierFile, OfANewerMinorVersion_ThenLoaded) {
  save_classifier(path_, classifier_);
  TensorFile file = read_safetensors(path_);
  file.metadata["format_version"] = "1.1";
  file.metadata["note"] = "an addition";
  write_safetensors(path_, file);
  EXPECT_TRUE(std::ranges::equal(load_classifier(path_).weight.span(), classifier_.weight.span()));
}

TEST_F(ClassifierFile, OfAVersionWithoutStages_ThenLoadedAsOfTheLast) {
  save_classifier(path_, classifier_);
  TensorFile file = read_safetensors(path_);
  file.metadata.erase("stages");
  write_safetensors(path_, file);
  EXPECT_EQ(load_classifier(path_).stages, LinearClassifier{}.stages);
}

TEST_F(ClassifierFile, Missing_ThenIoError) {
  EXPECT_THROW((void)load_classifier(folder_ / "none.safetensors"), IoError);
}

}  // namespace
}  // namespace wta
