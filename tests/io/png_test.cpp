#include "io/png.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

TEST(Png, GivesGreyAndColourPicturesBack) {
  const TemporaryFolder folder;
  for (const std::int64_t channels : {1, 3}) {
    Image image{.height = 3, .width = 5, .channels = channels, .pixels = {}};
    for (int i = 0; i < 15 * channels; ++i) image.pixels.push_back(static_cast<std::uint8_t>(i * 5));
    write_png(folder.path() / "a.png", image);
    const Image read = read_png(folder.path() / "a.png");
    EXPECT_EQ(read.height, 3);
    EXPECT_EQ(read.width, 5);
    EXPECT_EQ(read.channels, channels);
    EXPECT_EQ(read.pixels, image.pixels);
  }
}

TEST(Png, DamageIsADataError) {
  const TemporaryFolder folder;
  write_png(folder.path() / "a.png", {.height = 2, .width = 2, .channels = 1, .pixels = {1, 2, 3, 4}});
  const std::string good = read_bytes(folder.path() / "a.png");
  for (const std::string& bytes :
       {std::string(), std::string("GIF89a"), good.substr(0, 20), good.substr(0, good.size() / 2)}) {
    EXPECT_THROW((void)read_png(write_bytes(folder.path() / "bad.png", bytes)), DataError);
  }
  EXPECT_THROW((void)read_png(folder.path() / "none.png"), IoError);
}

}  // namespace
}  // namespace wta
