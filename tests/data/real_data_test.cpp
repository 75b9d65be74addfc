#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "data/registry.h"
#include "io/compressed.h"
#include "io/sha256.h"
#include "wta/dataset.h"

namespace wta {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::vector<int> class_counts(const std::vector<std::int32_t>& labels) {
  std::vector<int> counts(10);
  for (const std::int32_t label : labels) ++counts.at(static_cast<std::size_t>(label));
  return counts;
}

double pixel_mean(const Samples& samples) {
  double sum = 0;
  Tensor<float> block({1000, samples.sample_size()});
  for (std::int64_t begin = 0; begin < samples.count(); begin += 1000) {
    samples.read(begin, block.matrix());
    for (const float value : block.span()) sum += value;
  }
  return sum / static_cast<double>(samples.count() * samples.sample_size());
}

// Loads a set from $WTA_DATA; skips the test by name where it is not.
#define LOAD_OR_SKIP(variable, name)                                                                        \
  if (std::getenv("WTA_DATA") == nullptr || !is_available(name)) GTEST_SKIP() << "no " name " in WTA_DATA"; \
  const Dataset variable = load_dataset({.data = name}, Context{})

TEST(RealData, MnistHasItsPublishedCounts) {
  LOAD_OR_SKIP(mnist, "mnist");
  EXPECT_THAT(class_counts(mnist.train.labels),
              ElementsAre(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949));
  EXPECT_THAT(class_counts(mnist.test.labels),
              ElementsAre(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009));
  EXPECT_EQ(mnist.train.samples.sample_shape(), (Shape{28, 28}));
  EXPECT_NEAR(pixel_mean(mnist.train.samples), 0.1307, 0.00005);
}

TEST(RealData, FashionMnistHasItsPublishedCounts) {
  LOAD_OR_SKIP(fashion, "fashion-mnist");
  EXPECT_THAT(class_counts(fashion.train.labels), Each(6000));
  EXPECT_THAT(class_counts(fashion.test.labels), Each(1000));
  EXPECT_EQ(fashion.class_names[9], "Ankle boot");
  EXPECT_NEAR(pixel_mean(fashion.train.samples), 0.2860, 0.00005);
}

// The content of every file that is here has its registered sum.
TEST(RealData, FilesAreTheRegisteredOnes) {
  if (std::getenv("WTA_DATA") == nullptr) GTEST_SKIP() << "no WTA_DATA";
  for (const RegisteredDataset& entry : registered_datasets()) {
    const auto folder = complete_folder(entry);
    if (!folder) continue;
    for (const PublishedFile& file : entry.files) {
      const auto path = *find_published(*folder, file.name);
      if (path.filename() == file.name) {
        EXPECT_EQ(sha256_of_file(path), file.sha256) << path;
        continue;
      }
      if (file.name.ends_with(".gz")) continue;  // the sum is that of the packed form
      const std::vector<std::byte> content = read_unpacked(path, static_cast<std::size_t>(file.bytes));
      Sha256 sum;
      sum.update(content);
      EXPECT_EQ(sum.hex(), file.sha256) << path;
    }
  }
}

TEST(RealData, Cifar10HasItsPublishedCounts) {
  LOAD_OR_SKIP(cifar, "cifar10");
  EXPECT_THAT(class_counts(cifar.train.labels), Each(5000));
  EXPECT_THAT(class_counts(cifar.test.labels), Each(1000));
  EXPECT_EQ(cifar.class_names[static_cast<std::size_t>(cifar.train.labels[0])], "frog");
  EXPECT_EQ(cifar.train.samples.sample_shape(), (Shape{32, 32, 3}));
  EXPECT_NEAR(pixel_mean(cifar.train.samples), 0.4734, 0.0005);
}

}  // namespace
}  // namespace wta
