#include "io/mat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/files.h"
#include "support/mat_files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::message_of;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;
using testing_support::write_mat;

TEST(Mat, ArraysKeepTheirBytesUnderReversedExtents) {
  const TemporaryFolder folder;
  for (const matio_compression compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    const auto path = write_mat(folder.path() / "a.mat",
                                {{"X", {1, 2, 3}, {1, 2, 3, 4, 5, 6}}, {"y", {2, 1}, {8, 9}}}, compression);
    const auto arrays = read_mat(path);
    ASSERT_EQ(arrays.size(), 2U);
    const auto& x = std::get<Tensor<std::uint8_t>>(arrays.at("X"));
    EXPECT_EQ(x.shape(), (Shape{3, 2, 1}));
    EXPECT_THAT(x.span(), ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_EQ(shape_of(arrays.at("y")), (Shape{1, 2}));
  }
}

TEST(Mat, ValuesStoredInFewerBytesAreWidened) {
  const auto arrays = read_mat(std::filesystem::path(WTA_CORPUS) / "mat" / "seed-2");
  EXPECT_THAT(std::get<Tensor<std::uint8_t>>(arrays.at("X")).span(), ElementsAre(0, 1, 2, 3, 4, 5));
  const auto& y = std::get<Tensor<double>>(arrays.at("y"));
  EXPECT_EQ(y.shape(), (Shape{1, 3}));
  EXPECT_THAT(y.span(), ElementsAre(0, 1, 2));
}

TEST(Mat, VariablesThatAreNoNumbersArePassedOver) {
  const auto arrays = read_mat(std::filesystem::path(WTA_CORPUS) / "mat" / "seed-3");
  ASSERT_EQ(arrays.size(), 1U);
  EXPECT_THAT(std::get<Tensor<float>>(arrays.at("z")).span(), ElementsAre(0));
}

TEST(Mat, OtherFilesAreRefusedByName) {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& bytes) {
    const auto path = write_bytes(folder.path() / "bad.mat", bytes);
    return message_of<DataError>([&] { (void)read_mat(path); });
  };
  EXPECT_THAT(refusal(""), HasSubstr("bad.mat"));
  EXPECT_THAT(refusal(std::string(128, ' ')), HasSubstr("must be a MATLAB v5 file"));
  EXPECT_THAT(refusal("\x89HDF\r\n\x1a\n" + std::string(600, '\0')), HasSubstr("bad.mat"));
  const std::string good = read_bytes(
      write_mat(folder.path() / "a.mat", {{"y", {9, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}}, MAT_COMPRESSION_NONE));
  EXPECT_THAT(refusal(good.substr(0, good.size() - 1)), HasSubstr("an element (byte 128) must end within"));
  EXPECT_THROW((void)read_mat(folder.path() / "none.mat"), IoError);
}

}  // namespace
}  // namespace wta
