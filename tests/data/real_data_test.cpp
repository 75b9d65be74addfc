#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "data/registry.h"
#include "io/compressed.h"
#include "io/mat.h"
#include "io/sha256.h"
#include "wta/dataset.h"

namespace wta {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::vector<int> class_counts(const std::vector<std::int32_t>& labels) {
  std::vector<int> counts(static_cast<std::size_t>(*std::ranges::max_element(labels)) + 1);
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
      if (file.sha256.empty()) continue;
      const auto path = *find_published(*folder, file.name);
      if (path.filename() == file.name) {
        EXPECT_EQ(sha256_of_file(path), file.sha256) << path;
        continue;
      }
      if (file.name.ends_with(".gz")) continue;  // the sum is that of the packed form
      const auto bytes = static_cast<std::size_t>(file.bytes);
      const std::vector<std::byte> content = read_unpacked(path, bytes, bytes);
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

TEST(RealData, UspsHasItsPublishedCounts) {
  LOAD_OR_SKIP(usps, "usps");
  EXPECT_THAT(class_counts(usps.train.labels),
              ElementsAre(1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644));
  EXPECT_THAT(class_counts(usps.test.labels), ElementsAre(359, 264, 198, 166, 200, 160, 170, 147, 166, 177));
  Tensor<float> all({2007, 256});
  usps.test.samples.read(0, all.matrix());
  EXPECT_THAT(all.span(), Each(::testing::AllOf(::testing::Ge(0.0F), ::testing::Le(1.0F))));
}

TEST(RealData, OlivettiIsHeldOutByPerson) {
  LOAD_OR_SKIP(faces, "olivetti");
  EXPECT_EQ(faces.class_names.size(), 40U);
  EXPECT_THAT(class_counts(faces.train.labels), Each(8));
  EXPECT_THAT(class_counts(faces.test.labels), Each(2));
  EXPECT_EQ(faces.train.samples.sample_shape(), (Shape{64, 64}));
}

// The MATLAB file holds the pictures as columns, each stored column by column.
TEST(RealData, OlivettiIsTheSameAsMatlabArray) {
  if (std::getenv("WTA_DATA") == nullptr || !is_available("olivetti"))
    GTEST_SKIP() << "no olivetti in WTA_DATA";
  const auto mat = *complete_folder(require_dataset("olivetti")) / "olivettifaces.mat";
  if (!std::filesystem::exists(mat)) GTEST_SKIP() << "no olivettifaces.mat in WTA_DATA";
  const Dataset faces = load_dataset({.data = "olivetti", .hold_out_fraction = 0}, Context{});
  Tensor<float> pictures({400, 4096});
  faces.train.samples.read(0, pictures.matrix());
  const auto arrays = read_mat(mat);
  const auto& columns = std::get<Tensor<double>>(arrays.at("faces"));
  ASSERT_EQ(columns.shape(), (Shape{400, 4096}));
  int different = 0;
  for (std::int64_t n = 0; n < 400; ++n)
    for (std::int64_t y = 0; y < 64; ++y)
      for (std::int64_t x = 0; x < 64; ++x)
        different +=
            pictures.matrix()(n, 64 * y + x) == static_cast<float>(columns.matrix()(n, 64 * x + y)) / 255.0F
                ? 0
                : 1;
  EXPECT_EQ(different, 0);
}

TEST(RealData, FreyIsUnlabelled) {
  LOAD_OR_SKIP(frey, "frey");
  EXPECT_EQ(frey.train.samples.count() + frey.test.samples.count(), 1965);
  EXPECT_EQ(frey.train.samples.sample_shape(), (Shape{28, 20}));
  EXPECT_TRUE(frey.class_names.empty());
}

TEST(RealData, Bsds300GivesPatches) {
  LOAD_OR_SKIP(images, "bsds300");
  EXPECT_EQ(images.train.samples.count(), 200);
  EXPECT_EQ(images.test.samples.count(), 100);
  const Dataset patches = load_dataset({.data = "bsds300", .patches = 2000, .patch_size = 12}, Context{});
  EXPECT_EQ(patches.train.samples.sample_shape(), (Shape{12, 12}));
  EXPECT_EQ(patches.train.samples.count(), 2000);
  EXPECT_EQ(patches.test.samples.count(), 400);
}

}  // namespace
}  // namespace wta
