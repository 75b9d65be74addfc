#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <limits>

#include "data/test_files.h"
#include "io/npy.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using testing::counting_bytes;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::idx_bytes;
using testing::message_of;
using testing::ScopedVariable;
using testing::TempFolder;

namespace fs = std::filesystem;

Dataset load(const fs::path& path, const std::string& label_file = "", double hold_out = 0.2) {
  return load_dataset({.data = path.string(), .label_file = label_file, .hold_out_fraction = hold_out},
                      Context{});
}

template <class Expected>
std::string load_refusal(const fs::path& path, const std::string& label_file = "") {
  return message_of<Expected>([&] { static_cast<void>(load(path, label_file)); });
}

template <class T>
Tensor<T> counting(Shape shape) {
  Tensor<T> values(std::move(shape));
  for (std::int64_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(i % 100);
  return values;
}

// An npz archive of these arrays.
fs::path write_npz(const TempFolder& folder, const std::string& name,
                   const std::vector<std::pair<std::string, AnyTensor>>& arrays) {
  const fs::path path = folder.path() / name;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [key, tensor] : arrays) {
    const fs::path part = folder.path() / (key + ".npy");
    write_npy(part, tensor);
    zip_file_add(archive, (key + ".npy").c_str(), zip_source_file(archive, part.c_str(), 0, -1), 0);
  }
  if (zip_close(archive) != 0) throw std::runtime_error("zip_close failed");
  return path;
}

// MNIST's four files with these counts; labels run 0 1 2 ... 9 0 1 ...
void write_mnist_layout(const TempFolder& folder, const std::string& under, std::uint32_t train,
                        std::uint32_t test) {
  folder.write(under + "/train-images-idx3-ubyte", idx_bytes({train, 2, 3}, counting_bytes(train * 6)));
  folder.write(under + "/train-labels-idx1-ubyte", idx_bytes({train}, counting_bytes(train, 10)));
  folder.write(under + "/t10k-images-idx3-ubyte", idx_bytes({test, 2, 3}, counting_bytes(test * 6)));
  folder.write(under + "/t10k-labels-idx1-ubyte", idx_bytes({test}, counting_bytes(test, 10)));
}

TEST(LoadDataset, DigitsNeedNothing) {
  const Dataset digits = load_dataset({.data = "digits"}, Context{.threads = 2});
  EXPECT_EQ(digits.train.samples.count(), 60000);
  EXPECT_EQ(digits.class_names.back(), "9");
}

TEST(LoadDataset, NpyWithoutLabelsIsCutByTheSeed) {
  const TempFolder folder;
  const fs::path path = folder.path() / "codes.npy";
  write_npy(path, counting<float>({50, 4}));
  const Dataset data = load(path);
  EXPECT_EQ(data.name, "codes");
  EXPECT_EQ(data.train.samples.count(), 40);
  EXPECT_EQ(data.test.samples.count(), 10);
  EXPECT_TRUE(data.class_names.empty());
  EXPECT_TRUE(data.train.labels.empty());
  EXPECT_EQ(data.test.samples.fingerprint(), load(path).test.samples.fingerprint());
  const Dataset other = load_dataset({.data = path.string()}, Context{.seed = 2});
  EXPECT_NE(data.test.samples.fingerprint(), other.test.samples.fingerprint());
  EXPECT_EQ(load(path, "", 0).test.samples.count(), 0);
}

TEST(LoadDataset, DoublesAndIntegersBecomeFloatsAndBytesStay) {
  const TempFolder folder;
  const fs::path path = folder.path() / "values.npy";
  Tensor<float> out({1, 4});
  write_npy(path, counting<double>({1, 4}));
  load(path).train.samples.read(0, out.matrix());
  EXPECT_EQ(out[3], 3.0F);
  write_npy(path, counting<std::int16_t>({1, 4}));
  load(path).train.samples.read(0, out.matrix());
  EXPECT_EQ(out[3], 3.0F);
  write_npy(path, counting<std::uint8_t>({1, 2, 2, 1}));
  const Dataset bytes = load(path);
  bytes.train.samples.read(0, out.matrix());
  EXPECT_EQ(out[3], 3.0F / 255.0F);
  EXPECT_EQ(bytes.train.samples.sample_shape(), (Shape{2, 2, 1}));
}

TEST(LoadDataset, LabelFileNamesClassesAndTheCutIsStratified) {
  const TempFolder folder;
  const fs::path path = folder.path() / "pets.npy";
  write_npy(path, counting<std::uint8_t>({30, 4}));
  std::string text;
  for (int i = 0; i < 30; ++i) text += i % 3 == 0 ? "owl\n" : "cat\n";
  const Dataset data = load(path, folder.write("pets.csv", text).string());
  EXPECT_THAT(data.class_names, ElementsAre("cat", "owl"));
  EXPECT_EQ(std::count(data.test.labels.begin(), data.test.labels.end(), 1), 2);
  EXPECT_EQ(std::count(data.test.labels.begin(), data.test.labels.end(), 0), 4);
  EXPECT_EQ(data.train.labels.size(), 24U);
}

TEST(LoadDataset, LabelsStayWithTheirSamples) {
  const TempFolder folder;
  Tensor<float> values({40, 2});
  Tensor<std::int64_t> labels({40});
  for (std::int64_t i = 0; i < 40; ++i) {
    labels[i] = i * 7 % 4;
    values[2 * i] = static_cast<float>(labels[i]);
  }
  const Dataset data = load(write_npz(folder, "pair.npz", {{"x", values}, {"y", labels}}));
  for (const Split* split : {&data.train, &data.test}) {
    Tensor<float> out({split->samples.count(), 2});
    split->samples.read(0, out.matrix());
    for (std::size_t i = 0; i < split->labels.size(); ++i)
      EXPECT_EQ(out[2 * static_cast<std::int64_t>(i)], static_cast<float>(split->labels[i]));
  }
}

TEST(LoadDataset, NpzKeepsItsOwnSplit) {
  const TempFolder folder;
  const fs::path path = write_npz(folder, "own.npz",
                                  {{"x_train", counting<std::uint8_t>({20, 2, 2})},
                                   {"y_train", counting<std::int32_t>({20})},
                                   {"x_test", counting<std::uint8_t>({5, 2, 2})},
                                   {"y_test", counting<std::int32_t>({5})}});
  const Dataset data = load(path);
  EXPECT_EQ(data.train.samples.count(), 20);
  EXPECT_EQ(data.test.samples.count(), 5);
  EXPECT_THAT(data.test.labels, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(data.class_names.size(), 20U);
  EXPECT_THAT(load_refusal<InvalidArgument>(path, "labels.csv"), HasSubstr("split of its own"));
}

TEST(LoadDataset, NpzOfOtherArraysNamesThem) {
  const TempFolder folder;
  const fs::path path = write_npz(folder, "odd.npz", {{"weights", counting<float>({2, 2})}});
  EXPECT_THAT(load_refusal<DataError>(path), AllOf(HasSubstr("x_train"), HasSubstr("got weights")));
}

TEST(LoadDataset, NpzWithUnequalShapesIsRefused) {
  const TempFolder folder;
  const fs::path path = write_npz(
      folder, "odd.npz", {{"x_train", counting<float>({4, 3})}, {"x_test", counting<float>({2, 4})}});
  EXPECT_THAT(load_refusal<DataError>(path), HasSubstr("got [3] and [4]"));
}

TEST(LoadDataset, IdxTakesTheLabelsBesideIt) {
  const TempFolder folder;
  const fs::path path = folder.write("my-images-idx3-ubyte", idx_bytes({20, 2, 2}, counting_bytes(80)));
  EXPECT_TRUE(load(path).class_names.empty());
  folder.write("my-labels-idx1-ubyte", idx_bytes({20}, counting_bytes(20, 4)));
  const Dataset data = load(path);
  EXPECT_THAT(data.class_names, ElementsAre("0", "1", "2", "3"));
  EXPECT_EQ(data.test.samples.count(), 4);
}

TEST(LoadDataset, FolderInMnistLayoutIsASplit) {
  const TempFolder folder;
  write_mnist_layout(folder, "own", 30, 10);
  const Dataset data = load(folder.path() / "own");
  EXPECT_EQ(data.name, "own");
  EXPECT_EQ(data.train.samples.count(), 30);
  EXPECT_EQ(data.test.labels.size(), 10U);
  fs::remove(folder.path() / "own/t10k-labels-idx1-ubyte");
  EXPECT_THAT(load_refusal<IoError>(folder.path() / "own"),
              HasSubstr("t10k-labels-idx1-ubyte.gz is missing"));
}

TEST(LoadDataset, AMissingNamedSetSaysHowToGetIt) {
  const TempFolder folder;
  const ScopedVariable data("WTA_DATA", folder.path().string());
  const ScopedVariable cache("XDG_CACHE_HOME", folder.path().string());
  EXPECT_THAT(load_refusal<IoError>("mnist"),
              AllOf(HasSubstr(folder.path().string() + "/mnist"), HasSubstr("wta data fetch mnist"),
                    HasSubstr("--data digits")));
  folder.write("mnist/train-images-idx3-ubyte", "x");
  EXPECT_THAT(load_refusal<IoError>("mnist"), HasSubstr("train-labels-idx1-ubyte.gz, t10k-images"));
}

TEST(LoadDataset, ANamedSetOfTheWrongSizeIsRefused) {
  const TempFolder folder;
  const ScopedVariable data("WTA_DATA", folder.path().string());
  write_mnist_layout(folder, "mnist", 30, 10);
  EXPECT_THAT(load_refusal<DataError>("mnist"), HasSubstr("60000 + 10000 samples [28,28]"));
}

TEST(LoadDataset, UnknownNamesAndMissingFilesDiffer) {
  EXPECT_THAT(load_refusal<InvalidArgument>("mnits"), HasSubstr("Try: 'mnist'"));
  EXPECT_THAT(load_refusal<IoError>("nowhere/x.npy"), HasSubstr("nowhere/x.npy: no such file"));
  EXPECT_THROW(static_cast<void>(load("")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(load("digits", "labels.csv")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(load("digits", "", 1.0)), InvalidArgument);
}

TEST(LoadDataset, DamagedIdxIsRefusedByName) {
  const TempFolder folder;
  const std::string whole = idx_bytes({10, 2, 2}, counting_bytes(40));
  std::string wrong_magic = whole;
  wrong_magic[2] = 7;
  for (const std::string& bytes :
       {whole.substr(0, 51), whole + "x", wrong_magic, whole.substr(0, 3), std::string()}) {
    const fs::path path = folder.write("a-images-idx3-ubyte", bytes);
    EXPECT_THAT(load_refusal<DataError>(path), HasSubstr(path.string()));
  }
}

TEST(LoadDataset, DamagedNpyIsRefusedByName) {
  const TempFolder folder;
  const fs::path path = folder.path() / "a.npy";
  write_npy(path, counting<float>({10, 2}));
  fs::resize_file(path, fs::file_size(path) - 1);
  EXPECT_THAT(load_refusal<DataError>(path), HasSubstr(path.string()));
}

TEST(LoadDataset, OtherFilesAreRefusedWithTheKnownKinds) {
  const TempFolder folder;
  EXPECT_THAT(load_refusal<DataError>(folder.write("notes.txt", "hello")), HasSubstr(".npy, .npz or idx"));
}

TEST(LoadDataset, NanIsRefusedWithFileSampleAndPosition) {
  const TempFolder folder;
  Tensor<double> values({4, 3});
  values[7] = std::numeric_limits<double>::quiet_NaN();
  const fs::path path = folder.path() / "a.npy";
  write_npy(path, values);
  EXPECT_THAT(load_refusal<DataError>(path),
              AllOf(HasSubstr(path.string()), HasSubstr("sample 2 at position [1]")));
  values[7] = 1e200;  // finite, but not as float32
  write_npy(path, values);
  EXPECT_THAT(load_refusal<DataError>(path), HasSubstr("got inf in sample 2"));
}

TEST(LoadDataset, LabelCountMustMatch) {
  const TempFolder folder;
  const fs::path path = folder.path() / "a.npy";
  write_npy(path, counting<float>({4, 3}));
  EXPECT_THAT(load_refusal<DataError>(path, folder.write("l.csv", "1\n2\n3\n").string()),
              HasSubstr("got 3 labels for 4 samples"));
}

TEST(LoadDataset, AnIndexMustBeOneOfASample) {
  const TempFolder folder;
  const fs::path path = folder.path() / "a.npy";
  write_npy(path, counting<float>({4, 3}));
  const fs::path labels = folder.write("l.csv", "0,cat\n4,dog\n");
  EXPECT_THAT(load_refusal<DataError>(path, labels.string()),
              AllOf(HasSubstr(path.string() + " with " + labels.string()), HasSubstr("one of 0..3; got 4")));
}

TEST(LoadDataset, TestLabelsAloneAreRefused) {
  const TempFolder folder;
  const fs::path path = write_npz(folder, "odd.npz",
                                  {{"x_train", counting<float>({4, 3})},
                                   {"x_test", counting<float>({2, 3})},
                                   {"y_test", counting<std::int32_t>({2})}});
  EXPECT_THAT(load_refusal<DataError>(path), HasSubstr("test labels need training labels; got none"));
}

TEST(LoadDataset, OneSampleLeavesNothingToHoldOut) {
  const TempFolder folder;
  const fs::path path = folder.path() / "a.npy";
  write_npy(path, counting<float>({1, 3}));
  EXPECT_EQ(load(path).train.samples.count(), 1);
  EXPECT_EQ(load(path).test.samples.count(), 0);
}

Dataset load_images(const fs::path& path, const std::string& size) {
  return load_dataset({.data = path.string(), .image_size = size}, Context{});
}

TEST(ImageSize, RowsAreSeenAsImagesWithTheSameValues) {
  const TempFolder folder;
  const fs::path path = folder.path() / "rows.npy";
  write_npy(path, counting<float>({10, 24}));
  EXPECT_EQ(load_images(path, "4x6").train.samples.sample_shape(), (Shape{4, 6}));
  EXPECT_EQ(load_images(path, "4x6").test.samples.sample_shape(), (Shape{4, 6}));
  EXPECT_EQ(load_images(path, "4x3").train.samples.sample_shape(), (Shape{4, 3, 2}));
  EXPECT_EQ(load_images(path, "").train.samples.sample_shape(), (Shape{24}));
  Tensor<float> rows({8, 24});
  Tensor<float> images({8, 24});
  load_images(path, "").train.samples.read(0, rows.matrix());
  load_images(path, "2x4").train.samples.read(0, images.matrix());
  EXPECT_THAT(images.span(), ::testing::ElementsAreArray(rows.span()));
}

TEST(ImageSize, WhatIsNoSizeOrDoesNotFitIsRefused) {
  const TempFolder folder;
  const fs::path path = folder.path() / "rows.npy";
  write_npy(path, counting<float>({10, 24}));
  for (const char* size :
       {"4", "4x", "x6", "4x6x1", "0x6", "-4x-6", "4X6", " 4x6", "4294967296x4294967296"}) {
    EXPECT_THAT(message_of<InvalidArgument>([&] { static_cast<void>(load_images(path, size)); }),
                AllOf(HasSubstr("image_size"), HasSubstr(size), HasSubstr("Try: 28x28")));
  }
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(load_images(path, "5x5")); }),
              AllOf(HasSubstr("5x5"), HasSubstr("24 values")));
}

}  // namespace
}  // namespace wta
