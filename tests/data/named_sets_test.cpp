/// Sets with a name whose files are not MNIST's, and the same layouts by path.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/fetch.h"
#include "data/test_files.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::ScopedVariable;
using testing::TempFolder;

namespace fs = std::filesystem;

Dataset load(const std::string& data) {
  return load_dataset({.data = data}, Context{});
}

template <class Expected>
std::string refusal(const std::string& data) {
  return message_of<Expected>([&] { static_cast<void>(load(data)); });
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
  const Dataset data = load(folder.path() / "cifar-10-batches-bin");
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
  EXPECT_THAT(refusal<IoError>(folder.path() / "cifar-10-batches-bin"),
              HasSubstr("data_batch_3.bin is missing"));
}

TEST(Cifar10File, IsCutIntoASplit) {
  const TempFolder folder;
  std::string bytes;
  for (int i = 0; i < 10; ++i) bytes += cifar_record(i % 2 == 0 ? 3 : 5, i, i, i);
  const Dataset data = load(folder.write("batch.bin", bytes));
  EXPECT_EQ(data.name, "batch");
  EXPECT_THAT(data.class_names, ElementsAre("cat", "dog"));
  EXPECT_EQ(data.train.samples.count(), 8);
  EXPECT_EQ(data.test.samples.count(), 2);
  EXPECT_THAT(refusal<DataError>(folder.write("cut.bin", bytes.substr(1))), HasSubstr("cut.bin"));
}

TEST(Cifar10, OfTheWrongSizeIsRefused) {
  const TempFolder folder;
  const ScopedVariable data("WTA_DATA", folder.path().string());
  write_cifar10_layout(folder, "cifar10");
  EXPECT_THAT(refusal<DataError>("cifar10"),
              AllOf(HasSubstr("50000 + 10000 samples [32,32,3]"), HasSubstr("got 10 + 1")));
}

TEST(SetsWithoutMirrors, SayWhereToGetThem) {
  const TempFolder folder;
  const ScopedVariable data("WTA_DATA", folder.path().string());
  const ScopedVariable cache("XDG_CACHE_HOME", folder.path().string());
  EXPECT_THAT(refusal<IoError>("cifar10"),
              AllOf(HasSubstr(folder.path().string() + "/cifar10"), HasSubstr("cifar-10-binary.tar.gz")));
  EXPECT_THAT(message_of<IoError>([] { fetch_dataset("cifar10"); }),
              AllOf(HasSubstr("cifar-10-binary.tar.gz"), HasSubstr("$WTA_DATA/cifar10")));
  write_cifar10_layout(folder, "cifar10");
  EXPECT_EQ(fetch_dataset("cifar10"), folder.path() / "cifar10");
}

}  // namespace
}  // namespace wta
