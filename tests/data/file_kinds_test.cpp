/// What a path holds is told by its name, else by its first bytes; the labels of an idx file by its name.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/read_samples.h"
#include "data/read_source.h"
#include "data/test_files.h"
#include "io/npy.h"
#include "support/files.h"
#include "support/packed_files.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using testing::counting_bytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::idx_bytes;
using testing::message_of;
using testing::TempFolder;
using testing_support::gzip;
using testing_support::kSmallIdx;
using testing_support::read_bytes;
using testing_support::xz;

namespace fs = std::filesystem;

std::string refusal_of_kind(const fs::path& path) {
  return message_of<DataError>([&] { static_cast<void>(kind_of(path)); });
}

TEST(FileKind, WithoutAnExtensionIsToldByTheFirstBytes) {
  const TempFolder folder;
  write_npy(folder.path() / "a.npy", Tensor<float>({2, 3}));
  EXPECT_EQ(kind_of(folder.write("array", read_bytes(folder.path() / "a.npy"))), FileKind::npy);
  EXPECT_EQ(kind_of(folder.write("archive", "PK\3\4")), FileKind::npz);
  for (const std::string& bytes : {kSmallIdx, gzip(kSmallIdx), xz(kSmallIdx)}) {
    const fs::path path = folder.write("values", bytes);
    EXPECT_EQ(kind_of(path), FileKind::idx);
    const Source source = read_source(path, {});
    Tensor<float> rows({2, 3});
    source.train.read(0, rows.matrix());
    EXPECT_EQ(rows[5], static_cast<float>('f') / 255.0F);
    EXPECT_FALSE(source.train_labels);
  }
}

TEST(FileKind, OfBytesThatOnlyResembleAnIdxFileIsRefused) {
  const TempFolder folder;
  using namespace std::string_literals;
  for (const std::string& bytes :
       {""s, "\0\0\x08"s, "\1\0\x08\1"s, "\0\1\x08\1"s, "\0\0\x07\1"s, "\0\0\x0f\1"s, "\x93NUMP"s,
        "\xfd"
        "7zX"s}) {
    const fs::path path = folder.write("values", bytes);
    EXPECT_THAT(refusal_of_kind(path),
                AllOf(HasSubstr(path.string() + ": must be an .npy, .npz or idx file"), HasSubstr("Try:")));
  }
}

TEST(FileKind, OfAFileThatCannotBeReadIsAnIoErrorWithTheReason) {
  const auto refusal = [](const fs::path& path) {
    return message_of<IoError>([&] { static_cast<void>(kind_of(path)); });
  };
  const TempFolder folder;
  const fs::path missing = folder.path() / "missing";
  EXPECT_THAT(refusal(missing),
              HasSubstr(missing.string() + ": the file cannot be read: No such file or directory"));
  EXPECT_THAT(refusal("/proc/self/mem"), HasSubstr("/proc/self/mem: the file cannot be read: Input/output"));
}

TEST(FileKind, OfCifarsBatchesIsTheSamePackedOrNot) {
  const TempFolder folder;
  for (const char* name : {"batch.bin", "batch.bin.gz", "batch.bin.xz"})
    EXPECT_EQ(kind_of(folder.write(name, "x")), FileKind::cifar10) << name;
}

TEST(SamplesOfAFile, MustBeAtLeastOne) {
  const TempFolder folder;
  const fs::path path = folder.path() / "none.npy";
  write_npy(path, Tensor<float>({0, 4}));
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(read_source(path, {})); }),
              HasSubstr(path.string() + ": there must be at least one sample; got shape [0,4]"));
}

TEST(SamplesOfAFile, AreNotASingleNumber) {
  const TempFolder folder;
  const fs::path path = folder.path() / "number.npy";
  write_npy(path, Tensor<float>(Shape{}));
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(read_source(path, {})); }),
              HasSubstr(path.string() + ": samples: shape must be [N,D]"));
}

// The classes of an images file with a file of labels beside it; empty when it is not taken for its labels.
std::vector<std::int64_t> labels_beside(const std::string& images, const std::string& labels) {
  const TempFolder folder;
  const std::string content = idx_bytes({2, 3}, counting_bytes(6));
  const bool packed = images.ends_with(".gz") || images.ends_with(".xz");
  const fs::path path = folder.write(images, !packed                   ? content
                                             : images.ends_with(".gz") ? gzip(content)
                                                                       : xz(content));
  folder.write(labels, idx_bytes({2}, "\x04\x02"));
  const auto column = read_source(path, {}).train_labels;
  return column ? std::get<std::vector<std::int64_t>>(*column) : std::vector<std::int64_t>{};
}

TEST(LabelsOfAnIdxFile, LieBesideItPackedOrNot) {
  for (const char* packing : {"", ".gz", ".xz"})
    EXPECT_THAT(labels_beside(std::string("my-images-idx2-ubyte") + packing, "my-labels-idx1-ubyte"),
                ElementsAre(4, 2))
        << packing;
}

TEST(LabelsOfAnIdxFile, AreNotLookedForUnderOtherNames) {
  for (const char* images : {"my-idx2-ubyte", "my-images", "my-images-idx"})
    EXPECT_TRUE(labels_beside(images, "my-labels-idx1-ubyte").empty()) << images;
}

}  // namespace
}  // namespace wta
