#include "io/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/image_files.h"
#include "io/jpeg.h"
#include "io/png.h"
#include "support/files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::jpeg_bytes;
using testing_support::message_of;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;
using testing_support::write_grey16_png;
using testing_support::write_png_as;

Image image_of(const std::string& bytes) {
  const TemporaryFolder folder;
  return read_image(write_bytes(folder.path() / "picture", bytes));
}

std::string image_refusal(const std::string& bytes) {
  const TemporaryFolder folder;
  const auto path = write_bytes(folder.path() / "picture", bytes);
  return message_of<DataError>([&] { (void)read_image(path); });
}

TEST(ImageName, IsByExtensionInEitherCase) {
  for (const char* name : {"a.png", "a.PNG", "b/a.jpg", "a.JPeG", "a.ppm", "a.pgm"})
    EXPECT_TRUE(has_image_name(name)) << name;
  for (const char* name : {"a.gif", "png", "a.png.txt", "a.npy", ".png"})
    EXPECT_FALSE(has_image_name(name)) << name;
}

TEST(Image, PngIsToldByContent) {
  const TemporaryFolder folder;
  write_png(folder.path() / "a.jpg", {.height = 1, .width = 2, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}});
  EXPECT_THAT(read_image(folder.path() / "a.jpg").pixels, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Image, JpegOfGoodQualityKeepsGreyAndColourNearly) {
  for (const std::int64_t channels : {1, 3}) {
    Image image{.height = 17, .width = 9, .channels = channels, .pixels = {}};
    for (std::int64_t i = 0; i < 17 * 9 * channels; ++i)
      image.pixels.push_back(static_cast<std::uint8_t>(i / channels + 20 * (i % channels)));
    const Image read = decode_jpeg(encode_jpeg(image, 95, "test"), "test");
    ASSERT_EQ(read.pixels.size(), image.pixels.size());
    EXPECT_EQ(read.height, 17);
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
      EXPECT_NEAR(read.pixels[i], image.pixels[i], 8) << i;
    EXPECT_EQ(encode_jpeg(image, 95, "test"), encode_jpeg(image, 95, "test"));
  }
}

TEST(Image, PaletteAndTransparencyBecomeRgb) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.png";
  write_png_as(path, PNG_FORMAT_RGBA, {10, 20, 30, 255, 40, 50, 60, 0, 70, 80, 90, 128});
  const Image image = read_image(path);
  EXPECT_EQ(image.channels, 3);
  EXPECT_EQ(image.width, 3);
  EXPECT_THAT(image.pixels, ElementsAre(10, 20, 30, 40, 50, 60, 70, 80, 90));
  write_png_as(path, PNG_FORMAT_GA, {10, 255, 20, 3, 30, 0});
  EXPECT_THAT(read_image(path).pixels, ElementsAre(10, 20, 30));
  write_png_as(path, PNG_FORMAT_RGB_COLORMAP, {1, 0, 1}, {255, 0, 0, 0, 128, 255});
  EXPECT_THAT(read_image(path).pixels, ElementsAre(0, 128, 255, 255, 0, 0, 0, 128, 255));
}

TEST(Image, SixteenBitsBecomeEight) {
  const TemporaryFolder folder;
  write_grey16_png(folder.path() / "a.png", {0, 257 * 100, 65535});
  const Image image = read_image(folder.path() / "a.png");
  EXPECT_EQ(image.channels, 1);
  EXPECT_THAT(image.pixels, ElementsAre(0, 100, 255));
}

TEST(Image, JpegIsGreyOrRgb) {
  const Image grey = image_of(jpeg_bytes(8, 16, 1, 100));
  EXPECT_EQ(grey.height, 8);
  EXPECT_EQ(grey.width, 16);
  EXPECT_EQ(grey.channels, 1);
  EXPECT_THAT(grey.pixels, Each(100));
  const Image colour = image_of(jpeg_bytes(8, 16, 3, 100));
  EXPECT_EQ(colour.channels, 3);
  EXPECT_EQ(colour.pixels.size(), 8U * 16 * 3);
  EXPECT_THAT(colour.pixels, Each(::testing::AllOf(::testing::Ge(98), ::testing::Le(102))));
}

TEST(Image, JpegOfFourInksIsRefusedByName) {
  const std::string ycck = jpeg_bytes(8, 8, 4, 100);
  std::string cmyk = ycck;
  cmyk[cmyk.find("Adobe") + 11] = 0;  // how the inks are stored: as they are
  for (const std::string& bytes : {ycck, cmyk}) {
    EXPECT_THAT(image_refusal(bytes),
                HasSubstr("picture: a JPEG image must be grey or RGB; got CMYK. Try: convert it to RGB"));
  }
}

TEST(Image, PicturesLargerThanTheFormatAreAnIoErrorThatSaysSo) {
  const auto strip = [](std::int64_t width) {
    return Image{.height = 1,
                 .width = width,
                 .channels = 1,
                 .pixels = std::vector<std::uint8_t>(static_cast<std::size_t>(width))};
  };
  EXPECT_THAT(message_of<IoError>([&] { (void)encode_jpeg(strip(65'501), 95, "a.jpg"); }),
              AllOf(HasSubstr("a.jpg: the picture could not be encoded: "), HasSubstr("65500 pixels"),
                    HasSubstr("Try: fewer tiles")));
  EXPECT_THAT(message_of<IoError>([&] { (void)encode_png(strip(1'000'001), "a.png"); }),
              AllOf(HasSubstr("a.png: the picture could not be encoded: "), HasSubstr("IHDR"),
                    HasSubstr("Try: fewer tiles")));
}

TEST(Image, PgmAndPpmAreScaledToTheirLargestValue) {
  const Image grey = image_of("P5\n# a comment\n3 1 # another\n15\n" + std::string{0, 5, 15});
  EXPECT_EQ(grey.width, 3);
  EXPECT_THAT(grey.pixels, ElementsAre(0, 85, 255));
  const Image wide = image_of("P5 2 1 65535\n" + std::string{0, 0, '\x80', 0});
  EXPECT_THAT(wide.pixels, ElementsAre(0, 128));
  const Image colour = image_of("P6\t1\n1\r255\n" + std::string{1, 2, 3});
  EXPECT_EQ(colour.channels, 3);
  EXPECT_THAT(colour.pixels, ElementsAre(1, 2, 3));
}

TEST(Image, OtherContentIsRefusedByName) {
  EXPECT_THAT(image_refusal("GIF89a"),
              AllOf(HasSubstr("picture"), HasSubstr("PNG, a JPEG, or a binary PGM")));
  EXPECT_THAT(image_refusal(""), HasSubstr("picture"));
  EXPECT_THAT(image_refusal("P2 1 1 255 7"), HasSubstr("PNG, a JPEG"));
  EXPECT_THAT(image_refusal("P5 1 1 255\n"), HasSubstr("must take 1 bytes; got 0"));
  EXPECT_THAT(image_refusal("P5 1 1 255\nxy"), HasSubstr("must take 1 bytes; got 2"));
  EXPECT_THAT(image_refusal("P5 -1 1 255\nx"), HasSubstr("width"));
  EXPECT_THAT(image_refusal("P5 1 1 7\n\x08"), HasSubstr("a pixel may be 7; got 8"));
  EXPECT_THAT(image_refusal("P5 1 1 0\nx"), HasSubstr("1..65535"));
}

TEST(Image, AFileTooSmallForItsHeaderIsRefusedBeforeMemoryIsTaken) {
  require_image_bytes(16, 64, 2, 512, "a.jpg");
  EXPECT_THAT(message_of<DataError>([] { require_image_bytes(16384, 16384, 3000, 512, "a.jpg"); }),
              AllOf(HasSubstr("a.jpg"), HasSubstr("16384 x 16384"), HasSubstr("got 3000")));
  std::string bytes = jpeg_bytes(8, 8, 1, 90);
  bytes.replace(bytes.find("\xFF\xC0") + 5, 4, std::string("\x40\x00\x40\x00", 4));
  EXPECT_THAT(message_of<DataError>([&] { (void)image_of(bytes); }), HasSubstr("as its header says"));
}

TEST(Image, SizesAreCheckedBeforeMemoryIsTaken) {
  EXPECT_THAT(image_refusal("P6 65536 65536 255\nxyz"), HasSubstr("2^28 pixels"));
  EXPECT_THAT(image_refusal("P6 65537 1 255\nxyz"), HasSubstr("sides from 1 to 65536"));
  EXPECT_THAT(image_refusal("P6 0 1 255\nxyz"), HasSubstr("got 1 x 0"));
  EXPECT_THAT(image_refusal("P6 99999999999999999999 1 255\nxyz"), HasSubstr("a number up to"));
}

}  // namespace
}  // namespace wta
