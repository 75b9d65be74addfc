#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/npy.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::message_of;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += {version, '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  if (version > 1) bytes += {'\0', '\0'};
  return bytes + header + data;
}

TEST(Npy, WritesWhatItReads) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  write_npy(path, Tensor<std::int16_t>({2, 1, 2}, std::vector<std::int16_t>{1, -2, 3, 300}));
  const AnyTensor read = read_npy(path);
  EXPECT_EQ(shape_of(read), (Shape{2, 1, 2}));
  EXPECT_THAT(std::get<Tensor<std::int16_t>>(read).span(), testing::ElementsAre(1, -2, 3, 300));
  EXPECT_EQ(read_bytes(path).size() % 8, 0U);
  EXPECT_EQ(read_bytes(path).find('\n') % 64, 63U);
}

TEST(Npy, ReadsAllVersionsBothOrdersAndBigEndian) {
  const TemporaryFolder folder;
  const std::string data("\1\2\3\4\5\6", 6);
  for (const char version : {'\1', '\2', '\3'}) {
    const auto path =
        write_bytes(folder.path() / "v.npy",
                    npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }\n", data, version));
    EXPECT_THAT(std::get<Tensor<std::uint8_t>>(read_npy(path)).span(),
                testing::ElementsAre(1, 2, 3, 4, 5, 6));
  }
  const auto fortran = write_bytes(folder.path() / "f.npy",
                                   npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}", data));
  EXPECT_THAT(std::get<Tensor<std::uint8_t>>(read_npy(fortran)).span(),
              testing::ElementsAre(1, 3, 5, 2, 4, 6));
  const auto line = write_bytes(folder.path() / "l.npy",
                                npy("{'descr': '|u1', 'fortran_order': True, 'shape': (6,)}", data));
  EXPECT_THAT(std::get<Tensor<std::uint8_t>>(read_npy(line)).span(), testing::ElementsAre(1, 2, 3, 4, 5, 6));
  const auto big =
      write_bytes(folder.path() / "b.npy",
                  npy("{'shape': (1,), 'fortran_order': False, 'descr': '>u2'}", std::string("\1\2", 2)));
  EXPECT_EQ(std::get<Tensor<std::uint16_t>>(read_npy(big))[0], 258);
}

TEST(Npy, EveryBrokenRuleIsRefusedByName) {
  const TemporaryFolder folder;
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n";
  const std::string four(4, '\0');
  std::string many;
  for (int i = 0; i < 33; ++i) many += "1, ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "magic"},
      {"\x93NUMPX" + npy(good, four).substr(6), "NUMPY"},
      {npy(good, four, 4), "version"},
      {npy(good, four).substr(0, 30), "header"},
      {npy(good, four.substr(1)), "must take 4 bytes"},
      {npy(good, four + "x"), "must take 4 bytes"},
      {npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", four), "pickle"},
      {npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", four), "'<c8'"},
      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", four), "structured"},
      {npy("{'descr': '<f4', 'shape': (1,), }", four), "all needed"},
      {npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", four),
       "unexpected key 'descr'"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'fortran_order': False, 'shape': (1,), }", four),
       "unexpected key 'fortran_order'"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,), }", four),
       "unexpected key 'shape'"},
      {npy("{'descr': 'xf4', 'fortran_order': False, 'shape': (1,), }", four), "got 'xf4'"},
      {npy("{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", four), "got '<f16'"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (" + many + "), }", four),
       "at most 32 dimensions"},
      {npy("{ ", ""), "header (byte 2 of it): expected '''"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", four), "extent"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", four),
       "overflow"},
      {npy("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", four), "True or False"},
      {npy("os.system('x')", four), "expected '{'"},
      {std::string("\x93NUMPY\2\0\xff\xff\xff\x7f", 12), "at most 10000"}};
  for (const auto& [bytes, expected] : cases) {
    const auto path = write_bytes(folder.path() / "bad.npy", bytes);
    EXPECT_THAT(message_of<DataError>([&] { (void)read_npy(path); }),
                testing::AllOf(testing::HasSubstr("bad.npy"), testing::HasSubstr(expected)));
  }
}

TEST(NpyMatrixWriter, RefusesToCommitFewerRowsThanItAnnounced) {
  const TemporaryFolder folder;
  const Tensor<float> block({2, 3});
  NpyMatrixWriter writer(folder.path() / "m.npy", 3, 3);
  writer.append(block.matrix());
  EXPECT_THROW(writer.commit(), InternalError);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "m.npy"));
}

}  // namespace
}  // namespace wta
