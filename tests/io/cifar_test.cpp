#include "io/cifar.h"

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

// A record whose red, green and blue planes start with r r+1 .., g g+1 .., b b+1 ..
std::string record(int label, int red, int green, int blue) {
  std::string bytes(1, static_cast<char>(label));
  for (const int first : {red, green, blue})
    for (int i = 0; i < 1024; ++i) bytes += static_cast<char>(first + i % 7);
  return bytes;
}

TEST(Cifar10, PlanesBecomeChannelsLast) {
  const TemporaryFolder folder;
  const auto one = write_bytes(folder.path() / "one.bin", record(3, 10, 50, 90) + record(9, 0, 0, 0));
  const auto two = write_bytes(folder.path() / "two.bin", record(0, 200, 100, 40));
  const CifarImages read = read_cifar10({one, two});
  EXPECT_EQ(read.images.shape(), (Shape{3, 32, 32, 3}));
  EXPECT_THAT(read.labels, ElementsAre(3, 9, 0));
  EXPECT_THAT(read.images.span().first(6), ElementsAre(10, 50, 90, 11, 51, 91));
  EXPECT_THAT(read.images.span().subspan(2 * 3072, 3), ElementsAre(200, 100, 40));
}

TEST(Cifar10, OtherFilesAreRefusedByName) {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& bytes) {
    const auto path = write_bytes(folder.path() / "batch.bin", bytes);
    return message_of<DataError>([&] { (void)read_cifar10({path}); });
  };
  const std::string whole = record(1, 1, 2, 3);
  EXPECT_THAT(refusal(whole + whole.substr(0, 5)),
              AllOf(HasSubstr("batch.bin"), HasSubstr("1 records and 5 bytes")));
  EXPECT_THAT(refusal(""), HasSubstr("got 0 bytes"));
  EXPECT_THAT(refusal(std::string(2 * 3074, '\1')), HasSubstr("2 records of CIFAR-100"));
  EXPECT_THAT(refusal(whole + record(10, 1, 2, 3)), HasSubstr("label (byte 3073) must be in 0..9; got 10"));
}

}  // namespace
}  // namespace wta
