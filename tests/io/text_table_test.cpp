#include "io/text_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::message_of;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

Tensor<float> table_of(const std::string& text) {
  const TemporaryFolder folder;
  return read_text_table(write_bytes(folder.path() / "table", text));
}

std::string table_refusal(const std::string& text) {
  return message_of<DataError>([&] { (void)table_of(text); });
}

TEST(TextTable, LinesAreRows) {
  const Tensor<float> table = table_of("6.0000 -1.0000  0.5 \r\n\t2 1e-1 -0\n");
  EXPECT_EQ(table.shape(), (Shape{2, 3}));
  EXPECT_THAT(table.span(), ElementsAre(6, -1, 0.5F, 2, 0.1F, 0));
  EXPECT_EQ(table_of("1 2\n3 4").shape(), (Shape{2, 2}));
}

TEST(TextTable, OtherTextIsRefusedWithItsLine) {
  EXPECT_THAT(table_refusal("1 2\n1\n"), AllOf(HasSubstr("table: line 2"), HasSubstr("got 1, expected 2")));
  EXPECT_THAT(table_refusal("1 2\n\n1 2\n"), HasSubstr("line 2"));
  EXPECT_THAT(table_refusal("1 x\n"), HasSubstr("got 'x'"));
  EXPECT_THAT(table_refusal("1 2.5e\n"), HasSubstr("got '2.5e'"));
  EXPECT_THAT(table_refusal("nan\n"), HasSubstr("finite"));
  EXPECT_THAT(table_refusal("1e99\n"), HasSubstr("finite"));
  EXPECT_THAT(table_refusal(""), HasSubstr("empty"));
}

}  // namespace
}  // namespace wta
