#include "io/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/files.h"
#include "support/packed_files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::gzip;
using testing_support::kSmallIdx;
using testing_support::message_of;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;
using testing_support::xz;

TEST(Idx, ReadsPlainGzipAndXzAlike) {
  const TemporaryFolder folder;
  for (const std::string& bytes : {kSmallIdx, gzip(kSmallIdx), xz(kSmallIdx)}) {
    const AnyTensor tensor = read_idx(write_bytes(folder.path() / "f", bytes));
    EXPECT_EQ(shape_of(tensor), (Shape{2, 3}));
    EXPECT_THAT(std::get<Tensor<std::uint8_t>>(tensor).span(),
                testing::ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
  }
}

TEST(Idx, WiderTypesAreBigEndian) {
  const TemporaryFolder folder;
  const AnyTensor ints =
      read_idx(write_bytes(folder.path() / "i", std::string("\0\0\x0c\x01\0\0\0\x01\0\0\1\2", 12)));
  EXPECT_EQ(std::get<Tensor<std::int32_t>>(ints)[0], 258);
  const AnyTensor floats =
      read_idx(write_bytes(folder.path() / "f", std::string("\0\0\x0d\x01\0\0\0\x01\x3f\x80\0\0", 12)));
  EXPECT_EQ(std::get<Tensor<float>>(floats)[0], 1.0F);
}

TEST(Idx, AnExtentOfZeroIsAnEmptyTensor) {
  const TemporaryFolder folder;
  const std::string bytes("\0\0\x08\x02\0\0\0\0\0\0\0\x03", 12);
  for (const std::string& content : {bytes, gzip(bytes)}) {
    const AnyTensor tensor = read_idx(write_bytes(folder.path() / "e", content));
    EXPECT_EQ(type_name(tensor), "uint8");
    EXPECT_EQ(shape_of(tensor), (Shape{0, 3}));
  }
}

TEST(Idx, EveryBrokenRuleIsRefusedWithItsByte) {
  const TemporaryFolder folder;
  std::string huge = kSmallIdx;
  huge[4] = huge[5] = huge[6] = huge[7] = huge[8] = huge[9] = '\xff';
  std::string large = kSmallIdx;
  large[4] = '\x7f';
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "magic (byte 0)"},
      {kSmallIdx.substr(0, 3), "magic (byte 0)"},
      {"\1" + kSmallIdx.substr(1), "two zero bytes"},
      {std::string("\0\0\x07\1", 4) + kSmallIdx.substr(4), "byte 2"},
      {kSmallIdx.substr(0, 9), "dimension (byte 8)"},
      {kSmallIdx.substr(0, 17), "data (byte 12)"},
      {kSmallIdx + "x", "data (byte 12)"},
      {huge, "overflows"},
      {gzip(huge), "overflows"},
      {large, "data (byte 12)"},
      {gzip(large), "data (byte 12)"},
      {gzip(kSmallIdx + "x"), "data (byte 12)"},
      {gzip(kSmallIdx + std::string(1 << 20, 'x')), "data (byte 12)"},
      {xz(kSmallIdx + std::string(1 << 20, 'x')), "data (byte 12)"},
      {gzip(kSmallIdx).substr(0, 20), "gzip"},
      {gzip(kSmallIdx) + "tail", "gzip"},
      {xz(kSmallIdx).substr(0, 40), "xz"},
      {xz(kSmallIdx) + "tail", "xz"}};
  for (const auto& [bytes, expected] : cases) {
    const auto path = write_bytes(folder.path() / "bad-idx", bytes);
    EXPECT_THAT(message_of<DataError>([&] { (void)read_idx(path); }),
                testing::AllOf(testing::HasSubstr("bad-idx"), testing::HasSubstr(expected)));
  }
}

}  // namespace
}  // namespace wta
