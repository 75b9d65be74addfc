#include "wta/preprocessing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/rng.h"
#include "support/temporary_folder.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// Images whose neighbouring values are alike, between 0 and 1.
Tensor<float> smooth_images(std::int64_t count, const Shape& shape, std::uint64_t seed = 1) {
  Tensor<float> images({count, element_count(shape)});
  const Rng rng(seed, Purpose::validation);
  for (std::int64_t i = 0; i < images.size(); ++i) {
    const float fresh = rng.uniform(static_cast<std::uint64_t>(i));
    images[i] = i % images.row_size() == 0 ? fresh : 0.7F * images[i - 1] + 0.3F * fresh;
  }
  return images;
}

Tensor<float> apply(const std::string& text, const Tensor<float>& x, const Shape& shape) {
  Tensor<float> out({x.row_count(), x.row_size()});
  preprocess({.threads = 2}, parse_preprocessing(text), shape, x.matrix(), out.matrix());
  return out;
}

Preprocessing fitted(const std::string& text, const Tensor<float>& x, const Shape& shape, double epsilon,
                     int threads = 2) {
  Preprocessing result = parse_preprocessing(text);
  const auto read = [&](std::int64_t begin, MatrixView<float> out) {
    for (std::int64_t n = 0; n < out.rows; ++n) std::ranges::copy(x.matrix().row_span(begin + n), out.row(n));
  };
  fit_preprocessing({.threads = threads}, {.count = x.row_count(), .sample_shape = shape, .read = read},
                    epsilon, result);
  return result;
}

TEST(Preprocessing, NamesItsStepsInOrder) {
  EXPECT_TRUE(parse_preprocessing("none").empty());
  const Preprocessing three = parse_preprocessing("normalize+local-contrast21+zca");
  ASSERT_EQ(three.steps.size(), 3);
  EXPECT_EQ(three.steps[0].kind, PreprocessStep::Kind::normalize);
  EXPECT_EQ(three.steps[1].kind, PreprocessStep::Kind::local_contrast);
  EXPECT_EQ(three.steps[1].window, 21);
  EXPECT_TRUE(three.whitens());
  EXPECT_FALSE(parse_preprocessing("local-mean13").whitens());
}

TEST(Preprocessing, WhatIsNoStepIsRefusedWithTheText) {
  for (const char* text :
       {"", "normalise", "normalize+", "+zca", "zca+normalize", "zca+zca", "local-mean", "local-mean4",
        "local-mean1", "local-mean-3", "local-mean13x", "local-contrast1001", "normalize, zca", "none+zca",
        "normalize+range", "range+range"}) {
    try {
      (void)parse_preprocessing(text);
      ADD_FAILURE() << "accepted '" << text << "'";
    } catch (const InvalidArgument& error) {
      EXPECT_THAT(error.what(), HasSubstr(std::string("got '") + text + "'"));
    }
  }
}

TEST(Preprocessing, RangeMapsEachValueFromItsTrainingRangeTo01AndCutsWhatLeavesIt) {
  Tensor<float> x({3, 3}, std::vector<float>{-2, 5, 7, 0, 5, 8, 6, 5, 9});
  const Preprocessing range = fitted("range", x, {3}, 0.1);
  Tensor<float> y({2, 3}, std::vector<float>{2, 5, 7.5F, 100, 6, -3e38F});
  Tensor<float> out({2, 3});
  preprocess({.threads = 2}, range, {3}, y.matrix(), out.matrix());
  EXPECT_THAT(out.span(), testing::ElementsAre(0.5F, 0, 0.25F, 1, 0, 0));
}

TEST(Preprocessing, RangeOverMoreThanABlockSeesEverySample) {
  Tensor<float> x({700, 1});
  for (std::int64_t n = 0; n < 700; ++n) x[n] = static_cast<float>(n == 650 ? 1000 : n % 10);
  const Preprocessing range = fitted("range", x, {1}, 0.1);
  EXPECT_EQ(range.lowest[0], 0);
  EXPECT_EQ(range.highest[0], 1000);
}

TEST(Preprocessing, LocalMeansNeedImages) {
  EXPECT_NO_THROW(require_preprocessable(parse_preprocessing("normalize+zca"), {12}));
  EXPECT_NO_THROW(require_preprocessable(parse_preprocessing("local-mean3"), {4, 5}));
  EXPECT_THROW(require_preprocessable(parse_preprocessing("local-mean3"), {12}), InvalidArgument);
}

TEST(Preprocessing, NormalizedSamplesHaveMeanZeroAndNearlyUnitVariance) {
  const Shape shape = {6, 5, 3};
  const Tensor<float> x = smooth_images(4, shape);
  const Tensor<float> out = apply("normalize", x, shape);
  for (std::int64_t n = 0; n < 4; ++n) {
    double mean = 0;
    for (const float v : x.matrix().row_span(n)) mean += v / 90.0;
    double variance = 0;
    for (const float v : x.matrix().row_span(n)) variance += (v - mean) * (v - mean) / 90.0;
    for (std::int64_t d = 0; d < 90; ++d) {
      const double expected = (x.matrix()(n, d) - mean) / std::sqrt(variance + 10.0 / 65025);
      ASSERT_NEAR(out.matrix()(n, d), expected, 1e-5) << "sample " << n << ", value " << d;
    }
  }
}

TEST(Preprocessing, AFlatSampleBecomesZero) {
  const Tensor<float> out = apply("normalize", Tensor<float>({1, 4}, std::vector<float>(4, 0.3F)), {4});
  for (const float v : out.span()) EXPECT_NEAR(v, 0, 1e-5);
}

// The mean of one channel around (y, x), from its definition.
double local_mean(const Tensor<double>& image, const Shape& shape, std::int64_t window, std::int64_t y,
                  std::int64_t x, std::int64_t c) {
  const std::int64_t radius = (window - 1) / 2;
  const double scale = static_cast<double>(radius * radius) / std::log(100.0);
  double sum = 0;
  double weights = 0;
  for (std::int64_t i = -radius; i <= radius; ++i) {
    for (std::int64_t j = -radius; j <= radius; ++j) {
      const double weight = std::exp(-static_cast<double>(i * i + j * j) / scale);
      weights += weight;
      if (y + i < 0 || y + i >= shape[0] || x + j < 0 || x + j >= shape[1]) continue;
      sum += weight * image[((y + i) * shape[1] + x + j) * shape[2] + c];
    }
  }
  return sum / weights;
}

// v - local mean of v, and that divided by sqrt(1 + local mean of its squares).
struct LocalExpectation {
  LocalExpectation(const Tensor<float>& image, const Shape& shape, std::int64_t window)
      : subtracted({element_count(shape)}), divided({element_count(shape)}) {
    const Tensor<double> wide({image.size()}, std::vector<double>(image.span().begin(), image.span().end()));
    Tensor<double> squares({image.size()});
    const auto each = [&](const auto& task) {
      for (std::int64_t i = 0; i < wide.size(); ++i)
        task(i, i / shape[2] / shape[1], i / shape[2] % shape[1], i % shape[2]);
    };
    each([&](std::int64_t i, std::int64_t y, std::int64_t x, std::int64_t c) {
      subtracted[i] = wide[i] - local_mean(wide, shape, window, y, x, c);
      squares[i] = subtracted[i] * subtracted[i];
    });
    each([&](std::int64_t i, std::int64_t y, std::int64_t x, std::int64_t c) {
      divided[i] = subtracted[i] / std::sqrt(1 + local_mean(squares, shape, window, y, x, c));
    });
  }
  Tensor<double> subtracted;
  Tensor<double> divided;
};

TEST(Preprocessing, LocalStepsFollowTheirDefinition) {
  const Shape shape = {7, 9, 3};
  const Tensor<float> x = smooth_images(1, shape);
  for (const std::int64_t window : {3, 5, 21}) {
    const LocalExpectation expected(x, shape, window);
    const Tensor<float> mean = apply("local-mean" + std::to_string(window), x, shape);
    const Tensor<float> contrast = apply("local-contrast" + std::to_string(window), x, shape);
    for (std::int64_t i = 0; i < x.size(); ++i) {
      ASSERT_NEAR(mean[i], expected.subtracted[i], 1e-5) << "window " << window;
      ASSERT_NEAR(contrast[i], expected.divided[i], 1e-5) << "window " << window;
    }
  }
}

// Z C Z = C (C + epsilon I)^-1, so Z C Z (C + epsilon I) = C, where C is the covariance of the normalised
// samples.
TEST(Preprocessing, WhiteningFollowsItsDefinition) {
  const Shape shape = {4, 3};
  constexpr std::int64_t kSize = 12;
  constexpr double kEpsilon = 0.05;
  const Tensor<float> x = smooth_images(1500, shape);
  const Preprocessing zca = fitted("normalize+zca", x, shape, kEpsilon);
  const Tensor<float> before = apply("normalize", x, shape);
  Tensor<float> after({x.row_count(), kSize});
  preprocess({}, zca, shape, x.matrix(), after.matrix());
  const auto covariance = [](const Tensor<float>& samples) {
    Tensor<double> mean({1, kSize});
    Tensor<double> result({kSize, kSize});
    const auto count = static_cast<double>(samples.row_count());
    for (std::int64_t i = 0; i < samples.size(); ++i) mean[i % kSize] += samples[i] / count;
    for (std::int64_t n = 0; n < samples.row_count(); ++n) {
      for (std::int64_t i = 0; i < result.size(); ++i) {
        result[i] += (samples.matrix()(n, i / kSize) - mean[i / kSize]) *
                     (samples.matrix()(n, i % kSize) - mean[i % kSize]) / count;
      }
    }
    return std::pair(mean, result);
  };
  const auto [mean_before, c] = covariance(before);
  const auto [mean_after, white] = covariance(after);
  for (std::int64_t i = 0; i < kSize; ++i) {
    EXPECT_NEAR(mean_after[i], 0, 1e-5);
    for (std::int64_t j = 0; j < kSize; ++j) {
      double product = kEpsilon * white.matrix()(i, j);
      for (std::int64_t k = 0; k < kSize; ++k) product += white.matrix()(i, k) * c.matrix()(k, j);
      EXPECT_NEAR(product, c.matrix()(i, j), 1e-4) << i << ", " << j;
      EXPECT_NEAR(zca.whitening.matrix()(i, j), zca.whitening.matrix()(j, i), 1e-5);
    }
  }
}

TEST(Preprocessing, FitsTheSameBitsForAnyNumberOfThreads) {
  const Shape shape = {20, 15};  // more values than one tile of the products
  const Tensor<float> x = smooth_images(1200, shape);
  const Preprocessing one = fitted("normalize+zca", x, shape, 0.1, 1);
  for (const int threads : {2, 3}) {
    const Preprocessing several = fitted("normalize+zca", x, shape, 0.1, threads);
    EXPECT_THAT(several.whitening.span(), ElementsAreArray(one.whitening.span()));
    EXPECT_THAT(several.whitening_bias.span(), ElementsAreArray(one.whitening_bias.span()));
  }
}

TEST(Preprocessing, ASampleHasTheSameBitsAloneAndInPlace) {
  const Shape shape = {6, 5, 3};
  const Tensor<float> x = smooth_images(40, shape);
  const Preprocessing steps = fitted("normalize+local-contrast5+zca", x, shape, 0.1);
  Tensor<float> whole({40, x.row_size()});
  preprocess({.threads = 3}, steps, shape, x.matrix(), whole.matrix());
  Tensor<float> in_place = x;
  preprocess({}, steps, shape, in_place.matrix(), in_place.matrix());
  EXPECT_THAT(in_place.span(), ElementsAreArray(whole.span()));
  Tensor<float> alone({1, x.row_size()});
  for (std::int64_t n = 0; n < 40; n += 13) {
    preprocess({}, steps, shape, x.matrix().row_range(n, n + 1), alone.matrix());
    EXPECT_THAT(alone.span(), ElementsAreArray(whole.matrix().row_span(n))) << "sample " << n;
  }
}

Model whitened_model(const Tensor<float>& x, const Shape& shape) {
  Model model = make_model({.preprocess = "normalize+zca",
                            .arch = "6conv3-6deconv3",
                            .lifetime = {.off = true},
                            .init_scale = 0.3},
                           shape, 1);
  model.top().preprocessing = fitted("normalize+zca", x, shape, 0.1);
  return model;
}

TEST(Preprocessing, TravelsInTheModelFile) {
  const Shape shape = {6, 6, 3};
  const Tensor<float> x = smooth_images(200, shape);
  const Model model = whitened_model(x, shape);
  const testing_support::TemporaryFolder folder;
  save_model(folder.path() / "model.safetensors", model);
  const Model read = load_model(folder.path() / "model.safetensors");
  Tensor<float> before({200, code_size(model)});
  Tensor<float> after({200, code_size(model)});
  encode({}, model, x.matrix(), before.matrix());
  encode({}, read, x.matrix(), after.matrix());
  EXPECT_THAT(after.span(), ElementsAreArray(before.span()));
}

// Codes of samples through the model, against codes of prepared samples without its preprocessing.
TEST(Preprocessing, EncodeAndReconstructReadPreparedSamples) {
  const Shape shape = {6, 6, 3};
  const Tensor<float> x = smooth_images(30, shape);
  const Model model = whitened_model(x, shape);
  Model plain = model;
  plain.top().preprocessing = {};
  Tensor<float> prepared({30, x.row_size()});
  prepare({}, model, x.matrix(), prepared.matrix());
  EXPECT_THAT(prepared.span(), ::testing::Not(ElementsAreArray(x.span())));
  Tensor<float> codes({30, code_size(model)});
  Tensor<float> expected({30, code_size(model)});
  encode({}, model, x.matrix(), codes.matrix());
  encode({}, plain, prepared.matrix(), expected.matrix());
  EXPECT_THAT(codes.span(), ElementsAreArray(expected.span()));
  Tensor<float> reconstruction({30, x.row_size()});
  Tensor<float> expected_reconstruction({30, x.row_size()});
  reconstruct({}, model, x.matrix(), reconstruction.matrix());
  reconstruct({}, plain, prepared.matrix(), expected_reconstruction.matrix());
  EXPECT_THAT(reconstruction.span(), ElementsAreArray(expected_reconstruction.span()));
}

}  // namespace
}  // namespace wta
