#include "data/patches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "data/test_files.h"
#include "io/npy.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::message_of;
using testing::TempFolder;

namespace fs = std::filesystem;

// 10 images of 20 x 30 pixels; pixel (y, x) of image i is 1000 i + 30 y + x, in every channel c plus c / 4.
fs::path write_images(const TempFolder& folder, std::int64_t channels) {
  Tensor<float> images(channels == 1 ? Shape{10, 20, 30} : Shape{10, 20, 30, channels});
  for (std::int64_t i = 0; i < images.size(); ++i) {
    const std::int64_t pixel = i / channels;
    images[i] = static_cast<float>(pixel / 600 * 1000 + pixel % 600) + static_cast<float>(i % channels) / 4;
  }
  const fs::path path = folder.path() / "images.npy";
  write_npy(path, images);
  return path;
}

Dataset load_patches(const fs::path& path, std::int64_t patches, std::int64_t size, std::uint64_t seed = 1,
                     double hold_out = 0) {
  return load_dataset(
      {.data = path.string(), .hold_out_fraction = hold_out, .patches = patches, .patch_size = size},
      Context{.seed = seed});
}

template <class Expected>
std::string patch_refusal(const fs::path& path, std::int64_t size) {
  return message_of<Expected>([&] { static_cast<void>(load_patches(path, 10, size)); });
}

Tensor<float> rows_of(const Samples& samples) {
  Tensor<float> rows({samples.count(), samples.sample_size()});
  samples.read(0, rows.matrix());
  return rows;
}

TEST(Patches, AreWholeSquaresOfOneImage) {
  const TempFolder folder;
  for (const std::int64_t channels : {1, 3}) {
    const Dataset patches = load_patches(write_images(folder, channels), 200, 6);
    EXPECT_EQ(patches.train.samples.sample_shape(), channels == 1 ? (Shape{6, 6}) : (Shape{6, 6, 3}));
    ASSERT_EQ(patches.train.samples.count(), 200);
    const Tensor<float> rows = rows_of(patches.train.samples);
    for (std::int64_t j = 0; j < 200; ++j) {
      const auto patch = rows.matrix().row_span(j);
      const auto corner = static_cast<std::int64_t>(patch[0]);
      EXPECT_LE(corner % 1000 / 30, 14);
      EXPECT_LE(corner % 1000 % 30, 24);
      for (std::int64_t v = 0; v < 36 * channels; ++v) {
        const std::int64_t pixel = v / channels;
        EXPECT_EQ(
            patch[static_cast<std::size_t>(v)],
            patch[0] + static_cast<float>(pixel / 6 * 30 + pixel % 6) + static_cast<float>(v % channels) / 4);
      }
    }
  }
}

TEST(Patches, ImagesAreUsedEvenlyAndPositionsAreSpread) {
  const TempFolder folder;
  const Tensor<float> rows = rows_of(load_patches(write_images(folder, 1), 1005, 16).train.samples);
  std::map<int, int> per_image;
  std::map<int, int> per_top;
  std::map<int, int> per_left;
  for (std::int64_t j = 0; j < 1005; ++j) {
    const int corner = static_cast<int>(rows.matrix()(j, 0));
    ++per_image[corner / 1000];
    ++per_top[corner % 1000 / 30];
    ++per_left[corner % 1000 % 30];
  }
  ASSERT_EQ(per_image.size(), 10U);
  for (const auto& [image, count] : per_image) EXPECT_TRUE(count == 100 || count == 101) << image;
  ASSERT_EQ(per_top.size(), 5U);  // 20 - 16 + 1
  for (const auto& [top, count] : per_top) EXPECT_NEAR(count, 201, 60) << top;
  ASSERT_EQ(per_left.size(), 15U);
  for (const auto& [left, count] : per_left) EXPECT_NEAR(count, 67, 35) << left;
}

TEST(Patches, AreAFunctionOfTheSeed) {
  const TempFolder folder;
  const fs::path path = write_images(folder, 1);
  const std::string first = load_patches(path, 50, 6).train.samples.fingerprint();
  EXPECT_EQ(first, load_patches(path, 50, 6).train.samples.fingerprint());
  EXPECT_NE(first, load_patches(path, 50, 6, 2).train.samples.fingerprint());
}

TEST(Patches, TestPatchesComeFromTestImagesAndAreAFifth) {
  const TempFolder folder;
  const Dataset patches = load_patches(write_images(folder, 1), 50, 6, 1, 0.2);
  ASSERT_EQ(patches.test.samples.count(), 10);
  std::map<int, int> train;
  std::map<int, int> test;
  const Tensor<float> train_rows = rows_of(patches.train.samples);
  const Tensor<float> test_rows = rows_of(patches.test.samples);
  for (std::int64_t j = 0; j < 50; ++j) ++train[static_cast<int>(train_rows.matrix()(j, 0)) / 1000];
  for (std::int64_t j = 0; j < 10; ++j) ++test[static_cast<int>(test_rows.matrix()(j, 0)) / 1000];
  EXPECT_EQ(train.size(), 8U);
  EXPECT_EQ(test.size(), 2U);
  for (const auto& [image, count] : test) EXPECT_FALSE(train.contains(image)) << image;
  EXPECT_EQ(load_patches(write_images(folder, 1), 50, 6).test.samples.count(), 0);
}

TEST(Patches, LabelsAreDroppedAndBytesStay) {
  const Dataset patches =
      load_dataset({.data = "digits", .patches = 100, .patch_size = 5}, Context{.threads = 2});
  EXPECT_TRUE(patches.class_names.empty());
  EXPECT_TRUE(patches.train.labels.empty());
  EXPECT_TRUE(patches.test.labels.empty());
  EXPECT_EQ(patches.test.samples.count(), 20);
  EXPECT_TRUE(std::holds_alternative<Tensor<std::uint8_t>>(patches.train.samples.values()));
}

TEST(Patches, AFolderMayHoldImagesOfDifferentSizes) {
  const TempFolder folder;
  folder.write("a.pgm", "P5 4 9 255\n" + std::string(36, '\x0a'));
  folder.write("b.pgm", "P5 7 4 255\n" + std::string(28, '\x14'));
  folder.write("c.pgm", "P5 4 4 255\n" + std::string(16, '\x1e'));
  const Tensor<float> rows = rows_of(load_patches(folder.path(), 30, 4).train.samples);
  std::map<int, int> per_image;
  for (std::int64_t j = 0; j < 30; ++j) ++per_image[static_cast<int>(rows.matrix()(j, 15) * 255 + 0.5F)];
  EXPECT_EQ(per_image, (std::map<int, int>{{10, 10}, {20, 10}, {30, 10}}));
  EXPECT_EQ(load_patches(folder.path(), 30, 4, 1, 0.4).test.samples.count(), 6);
  EXPECT_THAT(patch_refusal<InvalidArgument>(folder.path(), 5),
              AllOf(HasSubstr("a.pgm of 9 x 4"), HasSubstr("Try: at most 4")));
}

TEST(Patches, SplitsOfAFolderStayApart) {
  const TempFolder folder;
  folder.write("train/a.pgm", "P5 4 4 255\n" + std::string(16, '\x0a'));
  folder.write("test/b.pgm", "P5 5 5 255\n" + std::string(25, '\x14'));
  const Dataset patches = load_patches(folder.path(), 10, 3);
  EXPECT_EQ(rows_of(patches.train.samples)[0], 10.0F / 255);
  ASSERT_EQ(patches.test.samples.count(), 2);
  EXPECT_EQ(rows_of(patches.test.samples)[0], 20.0F / 255);
  folder.write("test/b.ppm", "P6 4 4 255\n" + std::string(48, 'x'));
  fs::remove(folder.path() / "test/b.pgm");
  EXPECT_THAT(patch_refusal<DataError>(folder.path(), 3), HasSubstr("got patches [3,3] and [3,3,3]"));
}

TEST(Patches, WhatCannotBeCutIsRefused) {
  const TempFolder folder;
  EXPECT_THAT(patch_refusal<InvalidArgument>(write_images(folder, 1), 21),
              AllOf(HasSubstr("patch_size"), HasSubstr("got 21"), HasSubstr("of 20 x 30")));
  write_npy(folder.path() / "rows.npy", Tensor<float>({5, 24}));
  EXPECT_THAT(patch_refusal<InvalidArgument>(folder.path() / "rows.npy", 2),
              AllOf(HasSubstr("got [24]"), HasSubstr("--image-size")));
  const auto with_labels = [&] {
    static_cast<void>(load_dataset({.data = (folder.path() / "images.npy").string(),
                                    .label_file = "l.csv",
                                    .patches = 5,
                                    .patch_size = 2},
                                   Context{}));
  };
  EXPECT_THAT(message_of<InvalidArgument>(with_labels), HasSubstr("a patch has no label"));
}

TEST(Patches, RowsAreImagesFirst) {
  const TempFolder folder;
  write_npy(folder.path() / "rows.npy", Tensor<float>({5, 24}));
  const Dataset patches = load_dataset(
      {.data = (folder.path() / "rows.npy").string(), .image_size = "4x6", .patches = 5, .patch_size = 4},
      Context{});
  EXPECT_EQ(patches.train.samples.sample_shape(), (Shape{4, 4}));
}

}  // namespace
}  // namespace wta
