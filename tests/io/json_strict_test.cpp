#include "io/json_strict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/files.h"
#include "wta/error.h"

namespace wta {
namespace {

std::string json_refusal(const std::string& text) {
  return testing_support::message_of<DataError>([&] { (void)parse_json(text, "here"); });
}

TEST(StrictJson, ReadsWhatIsRight) {
  EXPECT_EQ(parse_json(R"({"a": [1, {"a": 2}]})", "here")["a"][1]["a"], 2);
}

TEST(StrictJson, RefusesDuplicateKeysDepthAndDamage) {
  EXPECT_THAT(json_refusal(R"({"a": 1, "a": 2})"), testing::HasSubstr("'a' twice"));
  EXPECT_THAT(json_refusal(R"({"b": {"a": 1, "a": 2}})"), testing::HasSubstr("'a' twice"));
  EXPECT_THAT(json_refusal(std::string(100, '[') + std::string(100, ']')), testing::HasSubstr("64 levels"));
  EXPECT_THAT(json_refusal(std::string("{}\0x", 4)), testing::HasSubstr("zero byte (byte 2 of it)"));
  for (const char* text : {"", "{", "{} x", "[1,]", "\"\xff\"", "nul"}) {
    EXPECT_THAT(json_refusal(text), testing::StartsWith("here: ")) << text;
  }
}

}  // namespace
}  // namespace wta
