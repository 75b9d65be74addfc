#include "data/labels.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/test_files.h"
#include "io/npy.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;
using testing::TempFolder;

using Numbers = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

LabelFile read_file(const std::string& text) {
  const TempFolder folder;
  return read_label_file(folder.write("labels.csv", text));
}

LabelColumn read_text(const std::string& text) {
  return read_file(text).labels;
}

std::string label_refusal(const std::string& text) {
  return message_of<DataError>([&] { static_cast<void>(read_text(text)); });
}

TEST(LabelFile, OneNumberPerLine) {
  EXPECT_THAT(std::get<Numbers>(read_text("7\n2\r\n-1\n")), ElementsAre(7, 2, -1));
  EXPECT_THAT(std::get<Numbers>(read_text("label\n7\n2")), ElementsAre(7, 2));
}

TEST(LabelFile, IndexedLinesNameTheirSampleInAnyOrderAndMayBeFew) {
  const LabelFile file = read_file("index,label\n20,cat\n0,\"dog, big\"\n1,a \"\"b\n");
  EXPECT_THAT(std::get<Names>(file.labels), ElementsAre("cat", "dog, big", "a \"\"b"));
  EXPECT_THAT(file.samples, ElementsAre(20, 0, 1));
}

TEST(LabelFile, NamesAreText) {
  EXPECT_THAT(std::get<Names>(read_text("\"a \"\"b\"\"\"\n 3 \nowl\n")), ElementsAre("a \"b\"", "3", "owl"));
}

TEST(LabelFile, DamageIsRefusedWithItsLine) {
  EXPECT_THAT(label_refusal(""), HasSubstr("at least one label"));
  EXPECT_THAT(label_refusal("1\n\n2\n"), HasSubstr("line 3"));
  EXPECT_THAT(label_refusal("1\n\n \n2\n"), HasSubstr("line 4: lines must not be blank; got a blank line 2"));
  EXPECT_THAT(label_refusal("1\n0,2\n"), HasSubstr("line 2"));
  EXPECT_THAT(label_refusal("0,1\nx,2\n"), HasSubstr("index must be an integer, 0 or more; got 'x'"));
  EXPECT_THAT(label_refusal("0,1\n-1,2\n"),
              HasSubstr("line 2: an index must be an integer, 0 or more; got '-1'"));
  EXPECT_THAT(label_refusal("0,1\n0,2\n"), HasSubstr("got index 0 twice"));
  EXPECT_THAT(label_refusal("0,\n"), HasSubstr("must not be empty"));
  EXPECT_THAT(label_refusal(std::string(5000, 'x')), HasSubstr("4096"));
}

TEST(LabelFile, AMissingFileIsAnIoError) {
  EXPECT_EQ(message_of<IoError>([] { static_cast<void>(read_label_file("/nowhere/labels.csv")); }),
            "/nowhere/labels.csv: the label file cannot be read: No such file or directory. Try: check "
            "--label-file.");
}

TEST(LabelFile, AFolderIsAnIoError) {
  const TempFolder folder;
  EXPECT_EQ(
      message_of<IoError>([&] { static_cast<void>(read_label_file(folder.path())); }),
      folder.path().string() + ": the label file cannot be read: Is a directory. Try: check --label-file.");
}

TEST(LabelFile, MayBeAnArray) {
  const TempFolder folder;
  Tensor<std::uint64_t> values({2});
  values[1] = 7;
  write_npy(folder.path() / "y.npy", values);
  EXPECT_THAT(std::get<Numbers>(read_label_file(folder.path() / "y.npy").labels), ElementsAre(0, 7));
}

TEST(LabelArray, MustBeOneColumnOfIntegers) {
  Tensor<double> values({3, 1});
  values[2] = 4;
  EXPECT_THAT(std::get<Numbers>(labels_of_tensor(values, "y")), ElementsAre(0, 0, 4));
  values[1] = 0.5;
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(labels_of_tensor(values, "y")); }),
              HasSubstr("y: a label must be an integer; got 0.5 for sample 1"));
  for (const double whole_but_unsafe : {0x1p53, -0x1p53, HUGE_VAL}) {
    values[1] = whole_but_unsafe;
    EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(labels_of_tensor(values, "y")); }),
                HasSubstr(fmt::format("must be an integer; got {} for sample 1", whole_but_unsafe)));
  }
  for (const Shape& shape : {Shape{2, 2}, Shape{2, 1, 1}, Shape{}})
    EXPECT_THAT(
        message_of<DataError>([&] { static_cast<void>(labels_of_tensor(Tensor<std::int64_t>(shape), "y")); }),
        HasSubstr("y: labels must have shape [N]; got int64 " + to_string(shape)));
  Tensor<std::uint64_t> huge({1});
  huge[0] = UINT64_MAX;
  EXPECT_THROW(static_cast<void>(labels_of_tensor(huge, "y")), DataError);
}

TEST(Classes, NumbersAreSortedByValueAndSharedByTheColumns) {
  const LabelColumn train = Numbers{10, 9, 10};
  const LabelColumn test = Numbers{2, 9};
  std::vector<std::vector<std::int32_t>> numbers;
  EXPECT_THAT(number_classes({&train, &test}, numbers), ElementsAre("2", "9", "10"));
  EXPECT_THAT(numbers, ElementsAre(ElementsAre(2, 1, 2), ElementsAre(0, 1)));
}

TEST(Classes, NamesAreSortedAsText) {
  const LabelColumn column = Names{"dog", "cat", "dog"};
  std::vector<std::vector<std::int32_t>> numbers;
  EXPECT_THAT(number_classes({&column}, numbers), ElementsAre("cat", "dog"));
  EXPECT_THAT(numbers[0], ElementsAre(1, 0, 1));
}

TEST(Classes, NumbersAndNamesDoNotMix) {
  const LabelColumn train = Numbers{1};
  const LabelColumn test = Names{"one"};
  std::vector<std::vector<std::int32_t>> numbers;
  EXPECT_THROW(static_cast<void>(number_classes({&train, &test}, numbers)), DataError);
}

}  // namespace
}  // namespace wta
