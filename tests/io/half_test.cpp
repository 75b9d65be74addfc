#include "io/half.h"

#include <gtest/gtest.h>

#include <cstring>

#include "io/safetensors.h"

namespace wta {
namespace {

TEST(Half, GivesTheValuesOfTheStandard) {
  EXPECT_EQ(from_half(0x3c00), 1.0F);
  EXPECT_EQ(from_half(0xc000), -2.0F);
  EXPECT_EQ(from_half(0x7bff), 65504.0F);
  EXPECT_EQ(from_half(0x3555), 0.333251953125F);
  EXPECT_EQ(from_half(0x0400), std::ldexp(1.0F, -14));
  EXPECT_EQ(from_half(0x0001), std::ldexp(1.0F, -24));  // the smallest subnormal
  EXPECT_TRUE(std::signbit(from_half(0x8000)));
  EXPECT_TRUE(std::isinf(from_half(0xfc00)));
  EXPECT_TRUE(std::isnan(from_half(0x7c01)));
}

TEST(BFloat16, IsTheUpperHalfOfAFloat) {
  EXPECT_EQ(from_bfloat16(0x3f80), 1.0F);
  EXPECT_EQ(from_bfloat16(0xc040), -3.0F);
  EXPECT_TRUE(std::isinf(from_bfloat16(0x7f80)));
}

TEST(Safetensors, WidensNumbersOf16Bits) {
  const std::string header = R"({"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},)"
                             R"("b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]}})";
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  file += header + std::string("\x00\x3c\x00\xc0\x80\x3f", 6);
  const TensorFile read = from_safetensors_bytes(std::as_bytes(std::span(file)), "test");
  EXPECT_EQ(std::get<Tensor<float>>(read.tensors.at("h"))[1], -2.0F);
  EXPECT_EQ(std::get<Tensor<float>>(read.tensors.at("b"))[0], 1.0F);
}

}  // namespace
}  // namespace wta
