#include "io/compressed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/environment.h"
#include "support/files.h"
#include "support/packed_files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing_support::gzip;
using testing_support::message_of;
using testing_support::ScopedVariable;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;
using testing_support::xz;

std::string as_text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Unpack, EndsAtTheLimitAndSaysWhetherThatWasAll) {
  const std::string content(100'000, 'y');
  for (const std::string& packed : {gzip(content), xz(content)}) {
    const auto bytes = std::as_bytes(std::span(packed));
    const Unpacked part = unpack(bytes, 10, "a.idx");
    EXPECT_EQ(as_text(part.bytes), content.substr(0, 10));
    EXPECT_FALSE(part.complete);
    const Unpacked whole = unpack(bytes, content.size() + 1, "a.idx");
    EXPECT_EQ(as_text(whole.bytes), content);
    EXPECT_TRUE(whole.complete);
  }
}

TEST(ReadUnpacked, GivesWhatTheLimitAllowsAndRefusesAByteMore) {
  const TemporaryFolder folder;
  for (const auto& [bytes, step] : std::vector<std::pair<std::string, std::string>>{
           {"abcdef", "Try: a part"}, {gzip("abcdef"), "Try: unpack it"}, {xz("abcdef"), "Try: unpack it"}}) {
    const auto path = write_bytes(folder.path() / "table", bytes);
    EXPECT_EQ(as_text(read_unpacked(path, 6)), "abcdef");
    EXPECT_THAT(
        message_of<DataError>([&, &file = path] { (void)read_unpacked(file, 5); }),
        AllOf(HasSubstr(path.string() + ": the content may have 5 bytes; got more"), HasSubstr(step)));
  }
}

TEST(RequireRoomToUnpack, RefusesMoreThanAThirdOfTheMemoryButNeverAFewBytes) {
  constexpr std::size_t kFew = std::size_t{1} << 26;
  EXPECT_NO_THROW(require_room_to_unpack(kFew + 1, "a.npz"));
  const ScopedVariable little("WTA_MEMORY_GIB", "1");
  EXPECT_NO_THROW(require_room_to_unpack(kFew, "a.npz"));
  for (const std::size_t bytes : {kFew + 1, SIZE_MAX}) {
    EXPECT_THAT(message_of<MemoryError>([&] { require_room_to_unpack(bytes, "a.npz"); }),
                AllOf(HasSubstr("a.npz: what the file unpacks to must fit in memory, three times"),
                      HasSubstr("GiB of memory are free"), HasSubstr("Try: a part of the data")));
  }
}

}  // namespace
}  // namespace wta
