/// Every prefix and every single-bit flip of small valid files ends in an error of ours or in a decode, never
/// in a crash.

#include "support/damage.h"

#include "io/cifar.h"
#include "io/idx.h"
#include "io/image.h"
#include "io/image_files.h"
#include "io/mat.h"
#include "io/npy.h"
#include "io/png.h"
#include "io/safetensors.h"
#include "support/files.h"
#include "support/input_file.h"
#include "support/mat_files.h"
#include "support/packed_files.h"
#include "support/temporary_folder.h"

namespace wta {
namespace {

using testing_support::Damaged;
using testing_support::Ending;
using testing_support::gzip;
using testing_support::jpeg_bytes;
using testing_support::kSmallIdx;
using testing_support::read_bytes;
using testing_support::TemporaryFolder;

class Damage : public testing_support::DamageTest {
 protected:
  /// A file of these bytes, read by `read`, which says its content as text.
  template <class Read>
  Damaged file_of(std::string bytes, const Read& read) const {
    const auto decode = [this, read](const std::string& content) { return read(file_.holding(content)); };
    return {.good = std::move(bytes), .name = file_.path().string(), .decode = decode};
  }
  [[nodiscard]] std::filesystem::path good() const { return folder_.path() / "good"; }

 private:
  TemporaryFolder folder_;
  testing_support::InputFile file_;
};

std::string content_of(const AnyTensor& tensor) {
  const auto bytes = std::visit([](const auto& t) { return std::as_bytes(t.span()); }, tensor);
  return std::string(type_name(tensor)) + to_string(shape_of(tensor)) +
         std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string content_of(const std::map<std::string, AnyTensor>& tensors) {
  std::string text;
  for (const auto& [name, tensor] : tensors) text += name + content_of(tensor);
  return text;
}

std::string content_of(const Image& image) {
  return to_string(Shape{image.height, image.width, image.channels}) +
         std::string(image.pixels.begin(), image.pixels.end());
}

TEST_F(Damage, SafetensorsOfOursIsRefused) {
  TensorFile file;
  file.tensors["t"] = Tensor<float>({2}, std::vector<float>{1, 2});
  file.metadata["name"] = "value";
  write_safetensors(good(), file);
  Damaged damaged = file_of(read_bytes(good()),
                            [](const auto& path) { return content_of(read_safetensors(path).tensors); });
  damaged.flip = Ending::refused;
  try_all(damaged);
}

TEST_F(Damage, NpyIsRefusedOrReads) {
  write_npy(good(), Tensor<float>({2}, std::vector<float>{1, 2}));
  try_all(file_of(read_bytes(good()), [](const auto& path) { return content_of(read_npy(path)); }));
}

TEST_F(Damage, NpzIsRefusedOrReadsTheSame) {
  for (const char* name : {"seed-1", "seed-2"}) {  // deflated and stored
    const std::string bytes = read_bytes(std::filesystem::path(WTA_CORPUS) / "npz" / name);
    Damaged damaged = file_of(bytes, [](const auto& path) { return content_of(read_npz(path)); });
    damaged.flip = Ending::same;
    try_all(damaged);
  }
}

TEST_F(Damage, IdxIsRefusedOrReads) {
  try_all(file_of(kSmallIdx, [](const auto& path) { return content_of(read_idx(path)); }));
}

TEST_F(Damage, PackedIdxIsRefusedOrReadsTheSame) {
  Damaged damaged = file_of(gzip(kSmallIdx), [](const auto& path) { return content_of(read_idx(path)); });
  damaged.flip = Ending::same;
  try_all(damaged);
}

TEST_F(Damage, CifarIsRefusedOrReads) {
  const auto read = [](const auto& path) {
    const CifarImages images = read_cifar10({path});
    return content_of(images.images) + std::string(images.labels.begin(), images.labels.end());
  };
  const std::string record(3073, '\x05');
  Damaged plain = file_of(record, read);
  plain.end_byte = 8;  // the label, and some pixels
  try_all(plain);
  Damaged packed = file_of(gzip(record), read);
  packed.flip = Ending::same;
  try_all(packed);
}

TEST_F(Damage, PngIsRefusedOrReadsTheSame) {
  Image image{.height = 5, .width = 7, .channels = 3, .pixels = {}};
  for (int i = 0; i < 105; ++i) image.pixels.push_back(static_cast<std::uint8_t>(i * i));
  write_png(good(), image);
  Damaged damaged =
      file_of(read_bytes(good()), [](const auto& path) { return content_of(read_image(path)); });
  damaged.flip = Ending::same;
  try_all(damaged);
}

TEST_F(Damage, JpegIsRefusedOrReads) {
  try_all(file_of(jpeg_bytes(8, 8, 3, 90), [](const auto& path) { return content_of(read_image(path)); }));
}

TEST_F(Damage, PpmIsRefusedOrReads) {
  try_all(
      file_of("P6\n# c\n2 1\n255\nabcdef", [](const auto& path) { return content_of(read_image(path)); }));
}

TEST_F(Damage, MatIsRefusedOrReads) {
  constexpr std::size_t kText = 116;  // what programs write about themselves, and nobody reads
  for (const matio_compression compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    testing_support::write_mat(good(), {{"X", {2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}},
                               compression);
    Damaged damaged =
        file_of(read_bytes(good()), [](const auto& path) { return content_of(read_mat(path)); });
    damaged.first_byte = kText;
    if (compression == MAT_COMPRESSION_ZLIB) damaged.flip = Ending::same;
    try_all(damaged);
  }
}

}  // namespace
}  // namespace wta
