#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "io/safetensors.h"
#include "io/sha256.h"
#include "model/model_file.h"
#include "support/files.h"
#include "support/posing_file.h"
#include "support/small_data.h"
#include "support/temporary_folder.h"
#include "wta/error.h"
#include "wta/trainer.h"

namespace wta {
namespace {

using testing_support::message_of;
using testing_support::posing_file;
using testing_support::small_data;
using testing_support::TemporaryFolder;

constexpr std::int64_t kInputs = 36;
constexpr std::int64_t kUnits = 5;
const ModelOptions kPca{.model = "pca", .arch = "5fc"};

Model train_pca_in(const std::filesystem::path& run, int threads = 1, bool resume = false,
                   const ModelOptions& shape = kPca) {
  const Samples samples = small_data();
  Model model = make_model(shape, samples.sample_shape(), 1);
  EXPECT_EQ(train({.threads = threads}, {}, samples, run, resume, {}, model), TrainOutcome::finished);
  return model;
}

Tensor<float> values_of(const Samples& samples) {
  Tensor<float> values({samples.count(), samples.sample_size()});
  samples.read(0, values.matrix());
  return values;
}

std::vector<double> mean_of(ConstMatrixView<float> x) {
  std::vector<double> mean(static_cast<std::size_t>(x.cols));
  for (std::int64_t n = 0; n < x.rows; ++n) {
    for (std::int64_t d = 0; d < x.cols; ++d) {
      mean[static_cast<std::size_t>(d)] += x(n, d) / static_cast<double>(x.rows);
    }
  }
  return mean;
}

// C w of the samples' covariance C, without forming C.
std::vector<double> covariance_times(ConstMatrixView<float> x, std::span<const float> w) {
  const std::vector<double> mean = mean_of(x);
  std::vector<double> result(mean.size());
  for (std::int64_t n = 0; n < x.rows; ++n) {
    double product = 0;
    for (std::size_t d = 0; d < w.size(); ++d) product += (x.row(n)[d] - mean[d]) * w[d];
    for (std::size_t d = 0; d < w.size(); ++d) {
      result[d] += product * (x.row(n)[d] - mean[d]) / static_cast<double>(x.rows);
    }
  }
  return result;
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t d = 0; d < a.size(); ++d) sum += static_cast<double>(a[d]) * b[d];
  return sum;
}

TEST(PrincipalComponents, AreOrthonormalEigenvectorsOfDescendingVariance) {
  const TemporaryFolder run;
  const Model model = train_pca_in(run.path());
  const Tensor<float> x = values_of(small_data());
  const ConstMatrixView<float> w = model.top().network.atoms();
  double before = 1e9;
  for (std::int64_t u = 0; u < kUnits; ++u) {
    for (std::int64_t v = 0; v < kUnits; ++v) {
      EXPECT_NEAR(dot(w.row_span(u), w.row_span(v)), u == v ? 1 : 0, 1e-5);
    }
    const std::vector<double> image = covariance_times(x.matrix(), w.row_span(u));
    double variance = 0;
    for (std::size_t d = 0; d < image.size(); ++d) variance += image[d] * w.row(u)[d];
    for (std::size_t d = 0; d < image.size(); ++d) EXPECT_NEAR(image[d], variance * w.row(u)[d], 1e-5);
    EXPECT_LT(variance, before);
    before = variance;
    EXPECT_GT(*std::ranges::max_element(w.row_span(u), {}, [](float value) { return std::abs(value); }), 0);
  }
}

// Eigenvectors can be right and not the first: no unit direction between inputs has more variance than the
// first, and what is left after five is what explained_variance says.
TEST(PrincipalComponents, KeepTheVarianceThatTheySay) {
  const TemporaryFolder run;
  const Model model = train_pca_in(run.path());
  const Tensor<float> x = values_of(small_data());
  Tensor<float> out(x.shape());
  reconstruct({.threads = 2}, model, x.matrix(), out.matrix());
  const std::vector<double> mean = mean_of(x.matrix());
  double left = 0;
  double all = 0;
  for (std::int64_t n = 0; n < x.row_count(); ++n) {
    for (std::int64_t d = 0; d < kInputs; ++d) {
      left += std::pow(x.matrix()(n, d) - out.matrix()(n, d), 2);
      all += std::pow(x.matrix()(n, d) - mean[static_cast<std::size_t>(d)], 2);
    }
  }
  EXPECT_NEAR(model.top().summary.explained_variance, 1 - left / all, 1e-5);
  EXPECT_NEAR(model.top().summary.loss, 0.5 * left / static_cast<double>(x.row_count()), 1e-5);
  const ConstMatrixView<float> w = model.top().network.atoms();
  const std::vector<double> first = covariance_times(x.matrix(), w.row_span(0));
  const double largest = std::sqrt(std::inner_product(first.begin(), first.end(), first.begin(), 0.0));
  for (std::int64_t d = 0; d < kInputs; ++d) {
    std::vector<float> axis(kInputs);
    axis[static_cast<std::size_t>(d)] = 1;
    EXPECT_LE(covariance_times(x.matrix(), axis)[static_cast<std::size_t>(d)], largest + 1e-6);
  }
}

TEST(PrincipalComponents, CodesAreDistancesFromTheMeanAlongThem) {
  const TemporaryFolder run;
  const Model model = train_pca_in(run.path());
  const Tensor<float> x = values_of(small_data());
  const std::vector<double> mean = mean_of(x.matrix());
  Tensor<float> codes({x.row_count(), kUnits});
  encode({.threads = 2}, model, x.matrix(), codes.matrix());
  const ConstMatrixView<float> w = model.top().network.atoms();
  bool negative = false;
  for (std::int64_t n = 0; n < x.row_count(); ++n) {
    for (std::int64_t u = 0; u < kUnits; ++u) {
      double sum = 0;
      for (std::int64_t d = 0; d < kInputs; ++d) {
        sum += w(u, d) * (x.matrix()(n, d) - mean[static_cast<std::size_t>(d)]);
      }
      EXPECT_NEAR(codes.matrix()(n, u), sum, 1e-5);
      negative = negative || sum < 0;
    }
  }
  EXPECT_TRUE(negative);
}

TEST(PrincipalComponents, AnyNumberOfThreadsAndAResumedRunGiveTheSameFile) {
  const TemporaryFolder one, three;
  train_pca_in(one.path());
  const std::string expected = sha256_of_file(one.path() / "model.safetensors");
  train_pca_in(three.path(), 3);
  EXPECT_EQ(sha256_of_file(three.path() / "model.safetensors"), expected);
  const std::string metrics = testing_support::read_bytes(one.path() / "metrics.jsonl");
  EXPECT_EQ(std::ranges::count(metrics, '\n'), 1);
  std::filesystem::remove(one.path() / "model.safetensors");
  train_pca_in(one.path(), 1, true);
  EXPECT_EQ(sha256_of_file(one.path() / "model.safetensors"), expected);
  EXPECT_EQ(testing_support::read_bytes(one.path() / "metrics.jsonl"), metrics);
}

TEST(PrincipalComponents, AResumedRunOfOtherOptionsIsRefused) {
  const TemporaryFolder run;
  train_pca_in(run.path());
  const ModelOptions other{.model = "pca", .arch = "4fc"};
  EXPECT_THAT(message_of<InvalidArgument>([&] { train_pca_in(run.path(), 1, true, other); }),
              testing::HasSubstr("'arch' was 5fc, got 4fc"));
}

TEST(PrincipalComponents, OfNoSamplesAreRefused) {
  const TemporaryFolder run;
  const Samples none(Tensor<float>({0, kInputs}));
  Model model = make_model(kPca, none.sample_shape(), 1);
  EXPECT_THAT(message_of<DataError>([&] { train({.threads = 1}, {}, none, run.path(), false, {}, model); }),
              testing::HasSubstr("training needs at least one sample; got 0"));
}

TEST(PrincipalComponents, OfSamplesWhoseVarianceIsNotFiniteAreRefused) {
  const TemporaryFolder run;
  Tensor<float> huge({4, kInputs});
  for (std::int64_t i = 0; i < huge.size(); ++i) huge[i] = i % 7 == 0 ? 1e38F : -3e38F;
  const Samples samples(std::move(huge));
  Model model = make_model(kPca, samples.sample_shape(), 1);
  EXPECT_THAT(
      message_of<DataError>([&] { train({.threads = 1}, {}, samples, run.path(), false, {}, model); }),
      testing::HasSubstr("variance of samples must be finite for principal components"));
  EXPECT_FALSE(std::filesystem::exists(run.path() / "model.safetensors"));
}

TEST(PrincipalComponents, StoreAsAModelAndComeBack) {
  const TemporaryFolder run;
  const Model model = train_pca_in(run.path());
  const Model loaded = load_model(run.path());
  EXPECT_EQ(loaded.top().network.kind, NetworkKind::pca);
  EXPECT_EQ(loaded.top().network.activation, Activation::identity);
  EXPECT_THAT(loaded.top().network.encoder[0].weight.span(),
              testing::ElementsAreArray(model.top().network.encoder[0].weight.span()));
}

TEST(PrincipalComponents, OfAFileWithTwoLayersADecoderOrOtherUnitsAreRefused) {
  const auto message = [](const char* arch, const char* tied, const char* activation) {
    const TensorFile file = posing_file("pca", arch, tied, activation);
    return message_of<DataError>([&] { (void)from_tensor_file(file, "m.safetensors"); });
  };
  const std::string expected = "principal components must be one layer of linear units";
  EXPECT_THAT(message("7fc", "no", "identity"), testing::HasSubstr(expected));
  EXPECT_THAT(message("8fc-7fc", "no", "identity"), testing::HasSubstr(expected));
  EXPECT_THAT(message("7fc", "yes", "relu"), testing::HasSubstr(expected));
  EXPECT_EQ(message("7fc", "yes", "identity"), "(nothing was thrown)");
}

TEST(PrincipalComponents, WithOptionsOfTrainedNetworksAreRefusedByName) {
  const auto message = [](const ModelOptions& options) {
    return message_of<InvalidArgument>([&] { (void)resolve(options, {2, 3}); });
  };
  const std::vector<std::pair<ModelOptions, std::string>> cases = {
      {{.model = "pca", .arch = "3fc-2fc"},
       "one fully connected layer; got arch '3fc-2fc'. Try: --arch 2fc."},
      {{.model = "pca", .arch = "3conv1-3deconv1"}, "one fully connected layer"},
      {{.model = "pca", .arch = "7fc"}, "arch: samples of 6 values have as many principal components; got 7"},
      {{.model = "pca", .arch = "3fc", .tied = "no"}, "model: principal components are found without"},
      {{.model = "pca", .arch = "3fc", .k_sparse = 1}, "without competition"},
      {{.model = "pca", .arch = "3fc", .input_dropout = 0.1}, "input_dropout 0.1"},
      {{.model = "pca", .arch = "3fc", .hidden_dropout = 0.1}, "hidden_dropout 0.1"},
      {{.model = "pca", .arch = "3fc", .lifetime = {.fraction = 0.1}}, "got lifetime 10%"},
      {{.model = "pca", .arch = "3fc", .spatial = "yes"}, "spatial"},
      {{.model = "pca", .arch = "3fc", .cd_steps = 2}, "cd_steps"},
      {{.model = "pca", .arch = "3fc", .activation = "relu"},
       "principal components are identity; got activation relu"},
      {{.model = "pca", .arch = "3fc", .kl_weight = 1}, "kl_weight"}};
  for (const auto& [options, expected] : cases) EXPECT_THAT(message(options), testing::HasSubstr(expected));
  EXPECT_EQ(resolve({.model = "pca", .arch = "6fc"}, {2, 3}).activation, "identity");
}

}  // namespace
}  // namespace wta
