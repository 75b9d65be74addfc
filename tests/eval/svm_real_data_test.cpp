#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "eval/liblinear_oracle.h"
#include "io/idx.h"
#include "wta/classifier.h"

namespace wta {
namespace {

struct Digits {
  Tensor<float> pixels;
  std::vector<std::int32_t> labels;
};

Digits read_digits(const std::filesystem::path& folder, const std::string& part, std::int64_t count) {
  const auto images = read_idx(folder / (part + "-images-idx3-ubyte.gz"));
  const auto labels = read_idx(folder / (part + "-labels-idx1-ubyte.gz"));
  const auto& bytes = std::get<Tensor<std::uint8_t>>(images);
  const auto& classes = std::get<Tensor<std::uint8_t>>(labels);
  Digits digits{Tensor<float>({count, bytes.row_size()}), {}};
  for (std::int64_t i = 0; i < digits.pixels.size(); ++i) {
    digits.pixels[i] = static_cast<float>(bytes[i]) / 255.0F;
  }
  for (std::int64_t i = 0; i < count; ++i) digits.labels.push_back(classes[i]);
  return digits;
}

TEST(SvmRealData, MnistPixels_ThenSameObjectiveAndAccuracyAsLiblinear) {
  const char* root = std::getenv("WTA_DATA");
  if (root == nullptr) GTEST_SKIP() << "WTA_DATA is not set";
  const std::filesystem::path folder = std::filesystem::path(root) / "mnist";
  const Digits train = read_digits(folder, "train", 10000);
  const Digits test = read_digits(folder, "t10k", 10000);
  const Context context{.threads = 2};
  for (const double C : {1.0, 16.0}) {
    SvmOptions options;
    options.candidates = {C};
    const auto ours = train_linear_svm(context, options, train.pixels.matrix(), train.labels, 10);
    const auto codes = test::scaled(train.pixels.matrix(), ours.code_scale);
    const auto weights = test::liblinear_weights(codes.matrix(), train.labels, 10, C, 1e-4);
    const auto expected = test::objectives(codes.matrix(), train.labels, 10, C, weights);
    const auto reached =
        test::objectives(codes.matrix(), train.labels, 10, C, test::joined(ours.weight, ours.bias));
    // One-sided, as in svm_liblinear_test.cpp.
    for (std::size_t k = 0; k < 10; ++k) EXPECT_LE(reached[k], (1 + 1e-3) * expected[k]) << k;
    const auto test_codes = test::scaled(test.pixels.matrix(), ours.code_scale);
    const double expected_error = test::error_of(test_codes.matrix(), test.labels, 10, weights);
    EXPECT_NEAR(error_fraction(ours.predict(context, test.pixels.matrix()), test.labels), expected_error,
                5e-4);
  }
}

}  // namespace
}  // namespace wta
