#include "io/sha256.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

TEST(Sha256, MatchesThePublishedVectorForAbc) {
  const std::string expected =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-2
  Sha256 sum;
  sum.update(std::as_bytes(std::span("a", 1)));
  sum.update(std::as_bytes(std::span("bc", 2)));
  EXPECT_EQ(sum.hex(), expected);
  const testing_support::TemporaryFolder folder;
  EXPECT_EQ(sha256_of_file(testing_support::write_bytes(folder.path() / "abc", "abc")), expected);
  EXPECT_THROW((void)sha256_of_file(folder.path() / "none"), IoError);
}

}  // namespace
}  // namespace wta
