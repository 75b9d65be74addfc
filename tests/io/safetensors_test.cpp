#include "io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using nlohmann::json;
using testing_support::message_of;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

TensorFile example() {
  TensorFile file;
  file.tensors["b"] = Tensor<float>({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  file.tensors["a"] = Tensor<std::int64_t>({2}, std::vector<std::int64_t>{-1, 1LL << 40});
  file.tensors["bytes"] = Tensor<std::uint8_t>({5}, std::vector<std::uint8_t>{0, 1, 2, 254, 255});
  file.tensors["empty"] = Tensor<double>({0, 4});
  file.tensors["scalar"] = Tensor<double>({}, std::vector<double>{0.1});
  file.metadata["k"] = "v \"quoted\" \n";
  return file;
}

// A file with this header and data, by hand.
std::string by_hand(const std::string& header, const std::string& data) {
  std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

TEST(Safetensors, GivesEveryTensorAndTheMetadataBack) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "f.safetensors";
  write_safetensors(path, example());
  const TensorFile read = read_safetensors(path);
  EXPECT_EQ(read.tensors.size(), 5U);
  EXPECT_THAT(std::get<Tensor<float>>(read.tensors.at("b")).span(), testing::ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(shape_of(read.tensors.at("b")), (Shape{2, 3}));
  EXPECT_EQ(std::get<Tensor<std::int64_t>>(read.tensors.at("a"))[1], 1LL << 40);
  EXPECT_EQ(std::get<Tensor<std::uint8_t>>(read.tensors.at("bytes"))[4], 255);
  EXPECT_EQ(shape_of(read.tensors.at("empty")), (Shape{0, 4}));
  EXPECT_EQ(std::get<Tensor<double>>(read.tensors.at("scalar"))[0], 0.1);
  EXPECT_EQ(read.metadata.at("k"), "v \"quoted\" \n");
}

TEST(Safetensors, IsAlignedOrderedAndTheSameEveryTime) {
  const TemporaryFolder folder;
  write_safetensors(folder.path() / "1", example());
  write_safetensors(folder.path() / "2", example());
  const std::string bytes = read_bytes(folder.path() / "1");
  EXPECT_EQ(bytes, read_bytes(folder.path() / "2"));
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0U);
  const json header = json::parse(bytes.substr(8, length));
  // Item size descending, then name: a, empty, scalar (8 bytes), b (4), bytes (1).
  EXPECT_EQ(header["a"]["data_offsets"], json({0, 16}));
  EXPECT_EQ(header["empty"]["data_offsets"], json({16, 16}));
  EXPECT_EQ(header["scalar"]["data_offsets"], json({16, 24}));
  EXPECT_EQ(header["b"]["data_offsets"], json({24, 48}));
  EXPECT_EQ(header["bytes"]["data_offsets"], json({48, 53}));
  EXPECT_EQ(header["b"]["dtype"], "F32");
}

TEST(Safetensors, EveryBrokenRuleIsRefusedByName) {
  const TemporaryFolder folder;
  const std::string four(4, '\1');
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "8 bytes"},
      {std::string(8, '\xff'), "header length"},
      {by_hand("", four), "start with '{'"},
      {by_hand(R"( {"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", four), "start with '{'"},
      {by_hand(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})", four), "JSON"},
      {by_hand(
           R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
           four),
       "twice"},
      {by_hand(R"({"t":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", four), "'F8_E4M3'"},
      {by_hand(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", four), "needs 2 x 4 bytes"},
      {by_hand(R"({"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", four), "whole number"},
      {by_hand(R"({"t":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", four),
       "tensor 't': the product of its extents must fit 63 bits; got [4294967296,4294967296]. Try:"},
      {by_hand(R"({"t":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}})", four),
       "tensor 't' shape overflows"},
      {by_hand(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,5]}})", four + "x"),
       "needs 1 x 4 bytes; its data_offsets hold 5"},
      {by_hand(R"({"t":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}})", four),
       "needs 3 x 1 bytes; its data_offsets hold 4"},
      {by_hand(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", four),
       "must lie in the data part"},
      {by_hand(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", four), "data_offsets"},
      {by_hand(R"({"t":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})", four), "must touch"},
      {by_hand(R"({"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})", four), "end with the file"},
      {by_hand(
           R"({"s":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"t":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}})",
           four),
       "must touch"},
      {by_hand(R"({"__metadata__":[]})", ""), "'__metadata__' must be an object"},
      {by_hand(R"({"__metadata__":{"a":1}})", ""), "must be a text"},
      {by_hand(
           R"({"__metadata__":{"data_sha256":"00"},"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
           four),
       "SHA-256"}};
  for (const auto& [bytes, expected] : cases) {
    const auto path = write_bytes(folder.path() / "bad.safetensors", bytes);
    const std::string message = message_of<DataError>([&] { (void)read_safetensors(path); });
    EXPECT_THAT(message, testing::AllOf(testing::HasSubstr("bad.safetensors"), testing::HasSubstr(expected)))
        << bytes;
  }
  EXPECT_THROW((void)read_safetensors(folder.path() / "missing"), IoError);
  EXPECT_THROW((void)read_safetensors(folder.path()), IoError);
}

TEST(Safetensors, ATensorHasDtypeShapeAndTwoOffsetsAndNothingElse) {
  for (const char* entry :
       {R"(4)", R"({"dtype":"U8","shape":[4],"data_offsets":[0,4],"x":1})",
        R"({"shape":[4],"data_offsets":[0,4]})", R"({"x":1,"shape":[4],"data_offsets":[0,4]})",
        R"({"dtype":8,"shape":[4],"data_offsets":[0,4]})", R"({"dtype":"U8","x":1,"data_offsets":[0,4]})",
        R"({"dtype":"U8","shape":4,"data_offsets":[0,4]})", R"({"dtype":"U8","shape":[4],"x":1})",
        R"({"dtype":"U8","shape":[4],"data_offsets":4})",
        R"({"dtype":"U8","shape":[4],"data_offsets":[0,2,4]})"}) {
    const std::string bytes = by_hand(R"({"t":)" + std::string(entry) + "}", "abcd");
    EXPECT_THAT(message_of<DataError>(
                    [&] { (void)from_safetensors_bytes(std::as_bytes(std::span(bytes)), "a.safetensors"); }),
                testing::HasSubstr("a.safetensors: tensor 't' must have dtype, shape and two data_offsets"))
        << entry;
  }
}

}  // namespace
}  // namespace wta
