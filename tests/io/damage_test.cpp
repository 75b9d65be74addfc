/// Every prefix and every single-bit flip of small valid files ends in an error of ours or in a decode, never
/// in a crash.

#include <gtest/gtest.h>

#include <functional>

#include "io/idx.h"
#include "io/image.h"
#include "io/image_files.h"
#include "io/mat.h"
#include "io/npy.h"
#include "io/png.h"
#include "io/safetensors.h"
#include "support/files.h"
#include "support/mat_files.h"
#include "support/temporary_folder.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing_support::jpeg_bytes;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;
using testing_support::write_bytes;

using Reader = std::function<void(const std::filesystem::path&)>;

// True when the file was refused by name; anything but our two errors escapes and fails the test.
bool refused(const std::filesystem::path& path, const Reader& read) {
  try {
    read(path);
    return false;
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find(path.filename().string()), std::string::npos) << error.what();
    return true;
  }
}

// Bits before `first_byte` stay as they are.
void damage(const std::filesystem::path& good, const Reader& read, std::size_t first_byte = 0) {
  const std::string bytes = read_bytes(good);
  ASSERT_FALSE(refused(good, read));
  const auto path = good.parent_path() / "damaged";
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_TRUE(refused(write_bytes(path, bytes.substr(0, length)), read)) << "prefix of " << length;
  }
  for (std::size_t bit = first_byte * 8; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    (void)refused(write_bytes(path, flipped), read);
  }
}

TEST(Damage, SafetensorsIsRefusedOrReads) {
  const TemporaryFolder folder;
  TensorFile file;
  file.tensors["t"] = Tensor<float>({2}, std::vector<float>{1, 2});
  write_safetensors(folder.path() / "good", file);
  damage(folder.path() / "good", [](const auto& path) { (void)read_safetensors(path); });
}

TEST(Damage, NpyIsRefusedOrReads) {
  const TemporaryFolder folder;
  write_npy(folder.path() / "good", Tensor<float>({2}, std::vector<float>{1, 2}));
  damage(folder.path() / "good", [](const auto& path) { (void)read_npy(path); });
}

TEST(Damage, IdxIsRefusedOrReads) {
  const TemporaryFolder folder;
  write_bytes(folder.path() / "good", std::string("\0\0\x08\x02\0\0\0\x02\0\0\0\x03"
                                                  "abcdef",
                                                  18));
  damage(folder.path() / "good", [](const auto& path) { (void)read_idx(path); });
}

TEST(Damage, PngIsRefusedOrReads) {
  const TemporaryFolder folder;
  Image image{.height = 5, .width = 7, .channels = 3, .pixels = {}};
  for (int i = 0; i < 105; ++i) image.pixels.push_back(static_cast<std::uint8_t>(i * i));
  write_png(folder.path() / "good", image);
  damage(folder.path() / "good", [](const auto& path) { (void)read_image(path); });
}

TEST(Damage, JpegIsRefusedOrReads) {
  const TemporaryFolder folder;
  write_bytes(folder.path() / "good", jpeg_bytes(8, 8, 3, 90));
  damage(folder.path() / "good", [](const auto& path) { (void)read_image(path); });
}

TEST(Damage, PpmIsRefusedOrReads) {
  const TemporaryFolder folder;
  write_bytes(folder.path() / "good", "P6\n# c\n2 1\n255\nabcdef");
  damage(folder.path() / "good", [](const auto& path) { (void)read_image(path); });
}

TEST(Damage, MatIsRefusedOrReads) {
  constexpr std::size_t kText = 116;  // what programs write about themselves, and nobody reads
  const TemporaryFolder folder;
  for (const matio_compression compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    testing_support::write_mat(folder.path() / "good",
                               {{"X", {2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}}, compression);
    damage(
        folder.path() / "good", [](const auto& path) { (void)read_mat(path); }, kText);
  }
}

}  // namespace
}  // namespace wta
