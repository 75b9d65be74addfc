/// Sets with a name whose files are not MNIST's, and the same layouts by path.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/layouts.h"
#include "data/test_files.h"
#include "support/mat_files.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::idx_bytes;
using testing::message_of;
using testing::ScopedVariable;
using testing::TempFolder;

namespace fs = std::filesystem;

Dataset load_named(const std::string& data) {
  return load_dataset({.data = data}, Context{});
}

template <class Expected>
std::string named_refusal(const std::string& data) {
  return message_of<Expected>([&] { static_cast<void>(load_named(data)); });
}

std::string cifar_record(int label, int red, int green, int blue) {
  std::string bytes(1, static_cast<char>(label));
  for (const int value : {red, green, blue}) bytes += std::string(1024, static_cast<char>(value));
  return bytes;
}

void write_cifar10_layout(const TempFolder& folder, const std::string& under) {
  for (int batch = 1; batch <= 5; ++batch)
    folder.write(under + "/data_batch_" + std::to_string(batch) + ".bin",
                 cifar_record(batch, 10 * batch, 0, 0) + cifar_record(0, 0, 0, 0));
  folder.write(under + "/test_batch.bin", cifar_record(9, 0, 0, 255));
}

TEST(Cifar10Folder, IsASplitWithItsClassNames) {
  const TempFolder folder;
  write_cifar10_layout(folder, "cifar-10-batches-bin");
  const Dataset data = load_named(folder.path() / "cifar-10-batches-bin");
  EXPECT_EQ(data.train.samples.count(), 10);
  EXPECT_EQ(data.train.samples.sample_shape(), (Shape{32, 32, 3}));
  EXPECT_EQ(data.test.samples.count(), 1);
  EXPECT_EQ(data.class_names[static_cast<std::size_t>(data.test.labels[0])], "truck");
  Tensor<float> pixels({1, 3072});
  data.train.samples.read(8, pixels.matrix());  // the first record of the fifth batch
  EXPECT_EQ(pixels[0], 50.0F / 255.0F);
  EXPECT_EQ(pixels[1], 0.0F);
  data.test.samples.read(0, pixels.matrix());
  EXPECT_EQ(pixels[2], 1.0F);
  fs::remove(folder.path() / "cifar-10-batches-bin/data_batch_3.bin");
  EXPECT_THAT(named_refusal<IoError>(folder.path() / "cifar-10-batches-bin"),
              HasSubstr("data_batch_3.bin is missing"));
}

TEST(Cifar10File, IsCutIntoASplit) {
  const TempFolder folder;
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += cifar_record(i % 2 == 0 ? 3 : 5, i, i, i);
  const Dataset data = load_named(folder.write("batch.bin", bytes));
  EXPECT_EQ(data.name, "batch");
  EXPECT_THAT(data.class_names, ElementsAre("cat", "dog"));
  EXPECT_EQ(data.train.samples.count(), 8);
  EXPECT_EQ(data.test.samples.count(), 2);
  EXPECT_THAT(named_refusal<DataError>(folder.write("cut.bin", bytes.substr(1))), HasSubstr("cut.bin"));
}

TEST(Cifar10, OfTheWrongSizeIsRefused) {
  const TempFolder folder;
  const ScopedVariable data("WTA_DATA", folder.path().string());
  write_cifar10_layout(folder, "cifar10");
  EXPECT_THAT(named_refusal<DataError>("cifar10"),
              AllOf(HasSubstr("50000 + 10000 samples [32,32,3]"), HasSubstr("got 10 + 1")));
}

// Three images of 2 x 4 pixels; MATLAB's value at (row y, column x, channel c, image n) is 100 n + 30 c + 10
// y + x.
std::vector<std::uint8_t> matlab_pixels(int images) {
  std::vector<std::uint8_t> values;
  for (int n = 0; n < images; ++n)
    for (int c = 0; c < 3; ++c)
      for (int x = 0; x < 4; ++x)
        for (int y = 0; y < 2; ++y)
          values.push_back(static_cast<std::uint8_t>(100 * n + 30 * c + 10 * y + x));
  return values;
}

TEST(SvhnFile, IsTransposedAndTenMeansZero) {
  const TempFolder folder;
  const fs::path path = testing_support::write_mat(
      folder.path() / "own.mat", {{"X", {2, 4, 3, 2}, matlab_pixels(2)}, {"y", {2, 1}, {10, 4}}},
      MAT_COMPRESSION_ZLIB);
  const Dataset data = load_dataset({.data = path.string(), .hold_out_fraction = 0}, Context{});
  EXPECT_EQ(data.train.samples.sample_shape(), (Shape{2, 4, 3}));
  EXPECT_THAT(data.class_names, ElementsAre("0", "4"));
  EXPECT_THAT(data.train.labels, ElementsAre(0, 1));
  Tensor<float> rows({2, 24});
  data.train.samples.read(0, rows.matrix());
  for (int n = 0; n < 2; ++n)
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 4; ++x)
        for (int c = 0; c < 3; ++c)
          EXPECT_EQ(rows.matrix()(n, (y * 4 + x) * 3 + c),
                    static_cast<float>(100 * n + 30 * c + 10 * y + x) / 255.0F);
}

TEST(SvhnFile, OneImageHasNoLastExtent) {
  const TempFolder folder;
  const fs::path path = testing_support::write_mat(
      folder.path() / "own.mat", {{"X", {2, 4, 3}, matlab_pixels(1)}}, MAT_COMPRESSION_NONE);
  const Dataset data = load_named(path);
  EXPECT_EQ(data.train.samples.count(), 1);
  EXPECT_EQ(data.train.samples.sample_shape(), (Shape{2, 4, 3}));
  EXPECT_TRUE(data.class_names.empty());
}

TEST(SvhnFile, OtherArraysAreRefused) {
  const TempFolder folder;
  const auto write = [&](const std::vector<testing_support::MatBytes>& arrays) {
    return testing_support::write_mat(folder.path() / "own.mat", arrays, MAT_COMPRESSION_NONE);
  };
  EXPECT_THAT(named_refusal<DataError>(write({{"faces", {2, 2}, {1, 2, 3, 4}}})),
              AllOf(HasSubstr("own.mat"), HasSubstr("images X")));
  EXPECT_THAT(
      named_refusal<DataError>(write({{"X", {2, 4, 3, 2}, matlab_pixels(2)}, {"y", {2, 1}, {11, 1}}})),
      HasSubstr("0..10 (10 means 0); got 11"));
  EXPECT_THAT(named_refusal<DataError>(write({{"X", {2, 4, 3, 2}, matlab_pixels(2)}, {"y", {1, 1}, {1}}})),
              HasSubstr("1 labels for 2 samples"));
}

TEST(SvhnFolder, IsASplit) {
  const TempFolder folder;
  testing_support::write_mat(folder.path() / "train_32x32.mat",
                             {{"X", {2, 4, 3, 2}, matlab_pixels(2)}, {"y", {2, 1}, {10, 4}}},
                             MAT_COMPRESSION_ZLIB);
  EXPECT_THAT(message_of<IoError>([&] { static_cast<void>(read_svhn_layout(folder.path())); }),
              HasSubstr("test_32x32.mat"));
  testing_support::write_mat(folder.path() / "test_32x32.mat",
                             {{"X", {2, 4, 3}, matlab_pixels(1)}, {"y", {1, 1}, {7}}}, MAT_COMPRESSION_ZLIB);
  const Source source = read_svhn_layout(folder.path());
  EXPECT_EQ(source.train.count(), 2);
  EXPECT_EQ(source.test.count(), 1);
  EXPECT_EQ(label_count(*source.test_labels), 1);
}

TEST(UspsFolder, ValuesBecomeZeroToOne) {
  const TempFolder folder;
  std::string line = "7.0000";
  for (int i = 0; i < 256; ++i) line += i % 2 == 0 ? " -1.0000" : " 0.5000";
  folder.write("zip.train", line + " \n" + line + "\n");
  folder.write("zip.test", line + "\n");
  const Source source = read_usps_layout(folder.path());
  EXPECT_EQ(source.train.count(), 2);
  EXPECT_EQ(source.test.sample_shape(), (Shape{16, 16}));
  EXPECT_THAT(std::get<std::vector<std::int64_t>>(*source.train_labels), ElementsAre(7, 7));
  Tensor<float> row({1, 256});
  source.test.read(0, row.matrix());
  EXPECT_EQ(row[0], 0.0F);
  EXPECT_EQ(row[1], 0.75F);
  folder.write("zip.test", "7 1 2\n");
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(read_usps_layout(folder.path())); }),
              AllOf(HasSubstr("zip.test"), HasSubstr("got 3 numbers")));
}

TEST(ImagesAlone, HaveNoLabels) {
  const TempFolder folder;
  folder.write("frey-images-idx3-ubyte", idx_bytes({3, 2, 2}, testing::counting_bytes(12)));
  const Source source = read_frey_layout(folder.path());
  EXPECT_EQ(source.train.count(), 3);
  EXPECT_FALSE(source.train_labels || source.has_test);
}

TEST(BsdsFolder, IsASplitWithoutLabels) {
  const TempFolder folder;
  folder.write("bsds300-train-gray-idx3-ubyte", idx_bytes({3, 2, 2}, testing::counting_bytes(12)));
  folder.write("bsds300-val-gray-idx3-ubyte", idx_bytes({2, 2, 2}, testing::counting_bytes(8)));
  const Source source = read_bsds300_layout(folder.path());
  EXPECT_EQ(source.train.count(), 3);
  EXPECT_TRUE(source.has_test);
  EXPECT_EQ(source.test.count(), 2);
  EXPECT_FALSE(source.train_labels || source.test_labels);
}

TEST(OlivettiFolder, IsLabelledWithoutASplit) {
  const TempFolder folder;
  folder.write("olivetti-images-idx3-ubyte", idx_bytes({2, 2, 2}, testing::counting_bytes(8)));
  const fs::path labels = folder.write("olivetti-labels-idx1-ubyte", idx_bytes({2}, "\x05\x03"));
  const Source source = read_olivetti_layout(folder.path());
  EXPECT_EQ(source.train.count(), 2);
  EXPECT_FALSE(source.has_test);
  EXPECT_THAT(std::get<std::vector<std::int64_t>>(*source.train_labels), ElementsAre(5, 3));
  folder.write("olivetti-labels-idx1-ubyte", "cut");
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(read_olivetti_layout(folder.path())); }),
              HasSubstr(labels.string()));
}

TEST(SetsWithoutMirrors, SayWhereToGetThem) {
  const TempFolder folder;
  const ScopedVariable data("WTA_DATA", folder.path().string());
  const ScopedVariable cache("XDG_CACHE_HOME", folder.path().string());
  EXPECT_THAT(named_refusal<IoError>("cifar10"),
              AllOf(HasSubstr(folder.path().string() + "/cifar10"), HasSubstr("cifar-10-binary.tar.gz")));
  EXPECT_THAT(message_of<IoError>([] { fetch_dataset("cifar10"); }),
              AllOf(HasSubstr("cifar-10-binary.tar.gz"), HasSubstr("$WTA_DATA/cifar10")));
  write_cifar10_layout(folder, "cifar10");
  EXPECT_EQ(fetch_dataset("cifar10"), folder.path() / "cifar10");
}

}  // namespace
}  // namespace wta
