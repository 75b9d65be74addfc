#include "io/mat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "support/files.h"
#include "support/mat_files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::message_of;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;
using testing_support::write_mat;

// The bytes of numbers, the lowest first.
template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string element(std::uint32_t type, const std::string& bytes) {
  return bytes_of<std::uint32_t>({type, static_cast<std::uint32_t>(bytes.size())}) + bytes +
         std::string((8 - bytes.size() % 8) % 8, '\0');
}

// An array 'v' of a class whose values are stored as another type.
struct Stored {
  std::uint32_t kind = 0;
  std::vector<std::int32_t> extents;
  std::uint32_t type = 0;
  std::string bytes;
};

std::string array(const Stored& v) {
  return element(14, element(6, bytes_of<std::uint32_t>({v.kind, 0})) + element(5, bytes_of(v.extents)) +
                         element(1, "v") + element(v.type, v.bytes));
}

std::string mat_file(const std::string& elements) {
  return "MATLAB" + std::string(118, ' ') + std::string("\0\1IM", 4) + elements;
}

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

TEST(Mat, ValuesMayBeStoredAsAnyTypeThatFitsTheirClass) {
  const TemporaryFolder folder;
  for (const auto& [type, bytes, value] : std::vector<std::tuple<std::uint32_t, std::string, double>>{
           {1, bytes_of<std::int8_t>({-2}), -2},
           {2, bytes_of<std::uint8_t>({200}), 200},
           {3, bytes_of<std::int16_t>({-300}), -300},
           {4, bytes_of<std::uint16_t>({60'000}), 60'000},
           {5, bytes_of<std::int32_t>({-70'000}), -70'000},
           {6, bytes_of<std::uint32_t>({4'000'000'000}), 4e9},
           {7, bytes_of<float>({0.5F}), 0.5},
           {9, bytes_of<double>({0.1}), 0.1}}) {
    const Stored v{.kind = 6, .extents = {1, 1}, .type = type, .bytes = bytes};
    const auto arrays = read_mat(write_bytes(folder.path() / "a.mat", mat_file(array(v))));
    EXPECT_THAT(std::get<Tensor<double>>(arrays.at("v")).span(), ElementsAre(value)) << "type " << type;
  }
}

TEST(Mat, ArraysThatContradictThemselvesAreRefusedByName) {
  const TemporaryFolder folder;
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  const Stored good{.kind = 9, .extents = {1, 1}, .type = 2, .bytes = "x"};
  for (const auto& [elements, expected] : std::vector<std::pair<std::string, std::string>>{
           {array({.kind = 9, .extents = {1, 1}, .type = 1, .bytes = "\xff"}),
            "a value of 'v' must fit its class; got -1"},
           {array({.kind = 7, .extents = {1, 1}, .type = 9, .bytes = bytes_of<double>({1})}),
            "must have a type that fits its class; got type 9"},
           {array({.kind = 6, .extents = {1, 1}, .type = 12, .bytes = bytes_of<std::int64_t>({1})}),
            "must have a type that fits its class; got type 12"},
           {array({.kind = 9, .extents = {kMost, kMost, kMost}, .type = 2, .bytes = "x"}),
            "dimensions of 'v': their product overflows; got [2147483647,2147483647,2147483647]"},
           {array(good) + array(good), "an array may stand once; got 'v' twice"}}) {
    const auto path = write_bytes(folder.path() / "bad.mat", mat_file(elements));
    EXPECT_THAT(message_of<DataError>([&] { (void)read_mat(path); }),
                AllOf(HasSubstr("bad.mat"), HasSubstr(expected)));
  }
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
