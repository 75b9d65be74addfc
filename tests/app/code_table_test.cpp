#include "app/code_table.h"

#include <gmock/gmock.h>

#include <vector>

#include "support/environment.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::message_of;
using testing_support::ScopedVariable;
using testing_support::TemporaryFolder;

// Leaves about 107,000 bytes beside the reserve.
constexpr const char* kLittleMore = "1.0001";

TEST(CodeTable, InMemoryWhereItFitsWithoutAWord) {
  const TemporaryFolder folder;
  std::vector<std::string> warnings;
  const TableRoom room{folder.path(), [&](const std::string& text) { warnings.push_back(text); }};
  const ScopedVariable limit("WTA_MEMORY_GIB", kLittleMore);
  EXPECT_EQ(make_table(room, 100, 200, "encode", "less").shape(), (Shape{100, 200}));
  EXPECT_TRUE(warnings.empty());
}

TEST(CodeTable, ElseOnTheDiskAndSaysSo) {
  const TemporaryFolder folder;
  std::vector<std::string> warnings;
  const TableRoom room{folder.path(), [&](const std::string& text) { warnings.push_back(text); }};
  const ScopedVariable limit("WTA_MEMORY_GIB", kLittleMore);
  Tensor<float> table = make_table(room, 100, 300, "encode", "less");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0], testing::AllOf(testing::HasSubstr("encode: 100 x 300 float32 values"),
                                          testing::HasSubstr(folder.path().string())));
  table.matrix()(99, 299) = 5;
  Tensor<float> moved = std::move(table);
  const Tensor<float> copy = moved;  // NOLINT(performance-unnecessary-copy-initialization): a deep copy
  moved.matrix()(99, 299) = 6;
  EXPECT_EQ(copy.matrix()(99, 299), 5);
  EXPECT_EQ(moved.matrix()(99, 299), 6);
  EXPECT_EQ(copy.matrix()(0, 0), 0);
}

// /proc has no room.
TEST(CodeTable, NeitherIsAMemoryErrorWithTheNextStep) {
  const ScopedVariable limit("WTA_MEMORY_GIB", kLittleMore);
  const TableRoom room{.folder = "/proc/not/there", .on_warning = {}};
  EXPECT_THAT(message_of<MemoryError>([&] { require_room(room, 100, 300, "stage 2", "fewer maps"); }),
              testing::AllOf(testing::StartsWith("stage 2: "), testing::HasSubstr("/proc/not/there"),
                             testing::EndsWith("Try: fewer maps.")));
}

}  // namespace
}  // namespace wta
