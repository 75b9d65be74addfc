#include "io/protobuf.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace wta {
namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text.push_back(static_cast<char>(value));
  return text;
}

// The first two are the examples of the format's documentation.
TEST(Protobuf, WritesIntegersSevenBitsAByte) {
  ProtobufMessage message;
  message.add_integer(1, 150);
  message.add_integer(16, 128);
  message.add_integer(1, 0);
  message.add_integer(2, -1);
  EXPECT_EQ(message.bytes(), bytes({0x08, 0x96, 0x01,  //
                                    0x80, 0x01, 0x80, 0x01, 0x08, 0x00, 0x10, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
}

TEST(Protobuf, TheLargestIntegerTakesNineBytes) {
  ProtobufMessage message;
  message.add_integer(1, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(message.bytes(), bytes({0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}));
}

TEST(Protobuf, WritesNumbersLittleEndian) {
  ProtobufMessage message;
  message.add_float(2, 1.5F);
  message.add_double(1, -2);
  EXPECT_EQ(message.bytes(), bytes({0x15, 0x00, 0x00, 0xc0, 0x3f,  //
                                    0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0}));
}

TEST(Protobuf, WritesTextBehindItsLength) {
  ProtobufMessage message;
  message.add_bytes(2, "testing");
  message.add_bytes(3, std::string(200, 'x'));
  EXPECT_EQ(message.bytes(),
            bytes({0x12, 0x07}) + "testing" + bytes({0x1a, 0xc8, 0x01}) + std::string(200, 'x'));
}

TEST(Protobuf, MessagesAndPackedNumbersAreNested) {
  ProtobufMessage inner;
  inner.add_packed(6, std::vector<double>{1, 2});
  ProtobufMessage outer;
  outer.add_message(1, inner);
  EXPECT_EQ(outer.bytes(), bytes({0x0a, 18,   0x32, 16,                            //
                                  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x3f,  //
                                  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x40}));
}

}  // namespace
}  // namespace wta
