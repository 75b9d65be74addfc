#include "data/image_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "data/test_files.h"
#include "io/png.h"
#include "wta/dataset.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::TempFolder;

namespace fs = std::filesystem;

// A folder of small images.
class ImageFolderTest : public ::testing::Test {
 protected:
  // A PGM of 2 x 3 with every pixel `value`.
  void grey(const std::string& name, int value, int height = 2) const {
    folder_.write(name, "P5 3 " + std::to_string(height) + " 255\n" +
                            std::string(static_cast<std::size_t>(3 * height), static_cast<char>(value)));
  }
  void link(const fs::path& target, const std::string& name) const {
    fs::create_directory_symlink(target, folder_.path() / name);
  }
  Dataset load(const std::string& under = "", double hold_out = 0) const {
    return load_dataset({.data = (folder_.path() / under).string(), .hold_out_fraction = hold_out},
                        Context{});
  }
  template <class Expected>
  std::string refusal(const std::string& under = "") const {
    return message_of<Expected>([&] { static_cast<void>(load(under)); });
  }
  // First value of each sample, 0..255.
  static std::vector<int> firsts(const Samples& samples) {
    Tensor<float> rows({samples.count(), samples.sample_size()});
    samples.read(0, rows.matrix());
    std::vector<int> values;
    for (std::int64_t i = 0; i < samples.count(); ++i)
      values.push_back(static_cast<int>(rows.matrix()(i, 0) * 255 + 0.5F));
    return values;
  }

  TempFolder folder_;
};

TEST_F(ImageFolderTest, FlatIsUnlabelledInTheOrderOfNames) {
  grey("b.pgm", 20);
  grey("a.pgm", 10);
  grey("c.PGM", 30);
  folder_.write(".DS_Store", "x");
  const Dataset data = load();
  EXPECT_EQ(data.train.samples.sample_shape(), (Shape{2, 3}));
  EXPECT_THAT(firsts(data.train.samples), ElementsAre(10, 20, 30));
  EXPECT_TRUE(data.class_names.empty());
  EXPECT_EQ(data.test.samples.count(), 0);
  EXPECT_EQ(load("", 0.4).test.samples.count(), 1);
}

TEST_F(ImageFolderTest, SubFoldersAreClassesAtAnyDepth) {
  grey("owl/deep/1.pgm", 30);
  grey("owl/2.pgm", 40);
  grey("cat/1.pgm", 10);
  const Dataset data = load();
  EXPECT_THAT(data.class_names, ElementsAre("cat", "owl"));
  EXPECT_THAT(firsts(data.train.samples), ElementsAre(10, 40, 30));
  EXPECT_THAT(data.train.labels, ElementsAre(0, 1, 1));
}

TEST_F(ImageFolderTest, TrainAndTestAreSplits) {
  grey("train/cat/1.pgm", 10);
  grey("train/owl/1.pgm", 20);
  grey("test/owl/7.pgm", 30);
  const Dataset data = load();
  EXPECT_THAT(data.class_names, ElementsAre("cat", "owl"));
  EXPECT_THAT(firsts(data.train.samples), ElementsAre(10, 20));
  EXPECT_THAT(firsts(data.test.samples), ElementsAre(30));
  EXPECT_THAT(data.test.labels, ElementsAre(1));
}

TEST_F(ImageFolderTest, TrainAloneIsNoClass) {
  grey("train/1.pgm", 10);
  grey("train/2.pgm", 20);
  EXPECT_TRUE(load().class_names.empty());
  EXPECT_THAT(firsts(load().train.samples), ElementsAre(10, 20));
}

TEST_F(ImageFolderTest, ColourHasChannelsLast) {
  write_png(folder_.path() / "a.png", {.height = 1, .width = 2, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}});
  const Dataset one = load("a.png");
  EXPECT_EQ(one.name, "a");
  EXPECT_EQ(one.train.samples.count(), 1);
  EXPECT_EQ(one.train.samples.sample_shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(load().train.samples.fingerprint(), one.train.samples.fingerprint());
}

TEST_F(ImageFolderTest, DifferentSizesNameBothFilesAndWhatHelps) {
  grey("a.pgm", 1);
  grey("b.pgm", 1, 5);
  EXPECT_THAT(refusal<DataError>(),
              AllOf(HasSubstr("a.pgm is [2,3]"), HasSubstr("b.pgm: all images"), HasSubstr("got [5,3]"),
                    HasSubstr("--patches"), HasSubstr("resize")));
}

TEST_F(ImageFolderTest, DifferentChannelsAreRefused) {
  grey("a.pgm", 1);
  folder_.write("b.ppm", "P6 3 2 255\n" + std::string(18, 'x'));
  EXPECT_THAT(refusal<DataError>(),
              AllOf(HasSubstr("b.ppm"), HasSubstr("2 x 3 RGB"), HasSubstr("a.pgm is grey")));
  fs::rename(folder_.path() / "b.ppm", folder_.path() / "0.ppm");
  EXPECT_THAT(refusal<DataError>(),
              AllOf(HasSubstr("a.pgm: all"), HasSubstr("2 x 3 grey"), HasSubstr("0.ppm is RGB")));
}

TEST_F(ImageFolderTest, DifferentSplitsAreRefused) {
  grey("train/a.pgm", 1);
  grey("test/b.pgm", 1, 4);
  EXPECT_THAT(refusal<DataError>(), HasSubstr("got [2,3] and [4,3]"));
}

TEST_F(ImageFolderTest, OtherFilesAreRefusedByName) {
  grey("cat/a.pgm", 1);
  folder_.write("cat/notes.txt", "x");
  EXPECT_THAT(refusal<DataError>(), AllOf(HasSubstr("/cat: "), HasSubstr("got 'notes.txt'")));
}

TEST_F(ImageFolderTest, WhatIsNeitherFileNorFolderIsRefusedByName) {
  grey("a.pgm", 1);
  fs::create_symlink("nowhere", folder_.path() / "b.pgm");
  EXPECT_THAT(refusal<DataError>(), HasSubstr("got 'b.pgm'"));
  fs::remove(folder_.path() / "b.pgm");
  ASSERT_EQ(mkfifo((folder_.path() / "pipe.pgm").c_str(), 0600), 0);
  EXPECT_THAT(refusal<DataError>(), HasSubstr("got 'pipe.pgm'"));
}

TEST_F(ImageFolderTest, WhatTheSystemCannotFollowIsAnIoErrorWithPathAndReason) {
  const fs::path missing = folder_.path() / "missing";
  EXPECT_THAT(message_of<IoError>([&] { static_cast<void>(read_image_folder(missing, {})); }),
              AllOf(HasSubstr(missing.string() + ": the folder cannot be read"),
                    HasSubstr("No such file or directory")));
  grey("a.pgm", 1);
  fs::create_symlink(std::string(300, 'x'), folder_.path() / "long");  // names end at 255 bytes
  EXPECT_THAT(refusal<IoError>(), AllOf(HasSubstr("/long: the folder cannot be read"),
                                        HasSubstr("File name too long"), HasSubstr("Try:")));
}

TEST_F(ImageFolderTest, WhatDoesNotFitInMemoryIsRefusedAtTheFirstImage) {
  grey("a.pgm", 1);
  grey("b.pgm", 1);
  const testing::ScopedVariable limit("WTA_MEMORY_GIB", "0.5");
  EXPECT_THAT(refusal<MemoryError>(),
              AllOf(HasSubstr(folder_.path().string() + ": 2 images must fit in memory"),
                    HasSubstr("4 x 2 float32 values"), HasSubstr("0.5 GiB of memory are free")));
}

TEST_F(ImageFolderTest, EmptyFoldersAndClassesAreRefused) {
  EXPECT_THAT(refusal<DataError>(), HasSubstr("at least one image"));
  grey("cat/a.pgm", 1);
  fs::create_directories(folder_.path() / "owl/deep");
  EXPECT_THAT(refusal<DataError>(), AllOf(HasSubstr("/owl: "), HasSubstr("at least one image")));
}

TEST_F(ImageFolderTest, ImagesBesideFoldersAreRefused) {
  grey("cat/a.pgm", 1);
  grey("b.pgm", 1);
  EXPECT_THAT(refusal<DataError>(), AllOf(HasSubstr("'b.pgm' beside 'cat'"), HasSubstr("not both")));
}

TEST_F(ImageFolderTest, LinksThatLeadBackAreSkipped) {
  grey("cat/a.pgm", 10);
  grey("owl/b.pgm", 20);
  link("..", "cat/up");
  link("../owl", "cat/owl");
  link("../cat", "owl/cat");
  link("self", "owl/self");
  link("/", "root");
  const Dataset data = load();
  EXPECT_THAT(data.class_names, ElementsAre("cat", "owl"));
  EXPECT_THAT(firsts(data.train.samples), ElementsAre(10, 20, 20, 10));  // each class and what it links to
}

TEST_F(ImageFolderTest, ADamagedImageIsRefusedByName) {
  grey("a.pgm", 1);
  folder_.write("b.jpg", "\xFF\xD8\xFF\xE0 and no more");
  EXPECT_THAT(refusal<DataError>(), HasSubstr("b.jpg"));
  folder_.write("b.jpg", "GIF89a");
  EXPECT_THAT(refusal<DataError>(), AllOf(HasSubstr("b.jpg"), HasSubstr("convert it to PNG")));
}

}  // namespace
}  // namespace wta
