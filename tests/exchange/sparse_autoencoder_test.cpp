#include "exchange/sparse_autoencoder.h"

#include <gmock/gmock.h>

#include "dictionaries.h"
#include "support/files.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing::HasSubstr;
using testing_support::codes_of;
using testing_support::expect_near;
using testing_support::message_of;
using testing_support::random_dictionary;
using testing_support::random_tensor;

// max(0, encoder x + bias) of one sample, in double.
std::vector<double> activations(const SparseAutoencoder& dictionary, const float* x) {
  std::vector<double> result;
  for (std::int64_t u = 0; u < dictionary.units(); ++u) {
    double sum = dictionary.encoder_bias[u];
    for (std::int64_t d = 0; d < dictionary.inputs(); ++d) {
      sum += static_cast<double>(dictionary.encoder.matrix()(u, d)) * static_cast<double>(x[d]);
    }
    result.push_back(std::max(0.0, sum));
  }
  return result;
}

TEST(SparseAutoencoder, CodesOfItsModelAreTheRectifiedActivations) {
  const SparseAutoencoder dictionary = random_dictionary();
  const Tensor<float> x = random_tensor({9, 4}, 5);
  const Tensor<float> codes = codes_of(to_model(dictionary, "test"), x);
  for (std::int64_t n = 0; n < 9; ++n) {
    const std::vector<double> expected = activations(dictionary, x.matrix().row(n));
    for (std::int64_t u = 0; u < 6; ++u)
      EXPECT_NEAR(codes.matrix()(n, u), expected[static_cast<std::size_t>(u)], 1e-6);
  }
}

TEST(SparseAutoencoder, WithThresholdsItsCodesKeepWhatLiesAbove) {
  SparseAutoencoder dictionary = random_dictionary();
  dictionary.thresholds = Tensor<float>({6}, std::vector<float>{0, 0.5F, 1, 1.5F, -3, 0.2F});
  const Tensor<float> x = random_tensor({50, 4}, 5);
  const Tensor<float> codes = codes_of(to_model(dictionary, "test"), x);
  std::int64_t silenced = 0;
  for (std::int64_t n = 0; n < 50; ++n) {
    const std::vector<double> all = activations(dictionary, x.matrix().row(n));
    for (std::int64_t u = 0; u < 6; ++u) {
      const double activation = all[static_cast<std::size_t>(u)];
      const bool above = activation > std::max(0.0, static_cast<double>(dictionary.thresholds[u]));
      silenced += !above && activation > 0;
      EXPECT_NEAR(codes.matrix()(n, u), above ? activation : 0, 1e-6) << n << ", " << u;
    }
  }
  EXPECT_GT(silenced, 20);
}

TEST(SparseAutoencoder, WithKItsCodesKeepTheLargest) {
  SparseAutoencoder dictionary = random_dictionary();
  dictionary.k = 2;
  const Tensor<float> codes = codes_of(to_model(dictionary, "test"), random_tensor({30, 4}, 5));
  for (std::int64_t n = 0; n < 30; ++n) {
    EXPECT_LE(std::ranges::count_if(codes.matrix().row_span(n), [](float v) { return v != 0; }), 2);
  }
}

TEST(SparseAutoencoder, ABiasTakenFromTheInputIsTheSameCode) {
  SparseAutoencoder centred = random_dictionary();
  const Tensor<float> x = random_tensor({9, 4}, 5);
  Tensor<float> moved = x;
  for (std::int64_t i = 0; i < x.size(); ++i) moved[i] -= centred.decoder_bias[i % 4];
  const Tensor<float> expected = codes_of(to_model(centred, "test"), moved);
  const Tensor<float> before = centred.encoder_bias;
  subtract_decoder_bias(centred);
  expect_near(codes_of(to_model(centred, "test"), x), expected, 1e-5);
  expect_near(bias_of_centred_input(centred), before, 1e-6);
}

TEST(SparseAutoencoder, OfAModelIsThatModelAgain) {
  Model model = make_model({.arch = "6fc", .init_scale = 0.5}, {4}, 3);
  std::ranges::fill(model.top().network.thresholds.span(), 0.1F);
  const SparseAutoencoder dictionary = to_sparse_autoencoder(model, "saelens");
  EXPECT_EQ(dictionary.k, 0);
  EXPECT_FLOAT_EQ(dictionary.thresholds[5], 0.1F);
  expect_near(dictionary.decoder, model.top().network.encoder.front().weight, 0);  // tied
  const Tensor<float> x = random_tensor({40, 4}, 5);
  Tensor<float> expected({40, 4});
  reconstruct({.threads = 1}, model, x.matrix(), expected.matrix());
  Tensor<float> found({40, 4});
  reconstruct({.threads = 1}, to_model(dictionary, "test"), x.matrix(), found.matrix());
  expect_near(found, expected, 1e-6);
}

TEST(SparseAutoencoder, WithoutCompetitionHasNoThresholds) {
  const Model model = make_model({.arch = "6fc", .lifetime = {.off = true}}, {4}, 3);
  EXPECT_TRUE(to_sparse_autoencoder(model, "saelens").thresholds.empty());
}

struct Refusal {
  const char* name;
  ModelOptions options;
  Shape shape;
  const char* message;
};

class RefusedModel : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedModel, NamesWhatTheFormatCannotHold) {
  const Model model = make_model(GetParam().options, GetParam().shape, 1);
  EXPECT_THAT(message_of<InvalidArgument>([&] { (void)to_sparse_autoencoder(model, "saelens"); }),
              HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Models, RefusedModel,
    testing::Values(
        Refusal{"maps", {.arch = "2conv3-2deconv3"}, {6, 6}, "saelens: the format holds one fully connected"},
        Refusal{"layers", {.arch = "6fc-3fc"}, {4}, "got arch '6fc-3fc'"},
        Refusal{"rbm", {.model = "rbm", .arch = "6fc"}, {4}, "got model 'rbm'"},
        Refusal{"sigmoid", {.arch = "6fc", .activation = "sigmoid"}, {4}, "got activation 'sigmoid'"},
        Refusal{
            "preprocessing", {.preprocess = "normalize", .arch = "6fc"}, {4}, "got preprocess 'normalize'"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(SparseAutoencoder, OfAStackIsRefused) {
  Model model = make_model({.arch = "6fc"}, {4}, 1);
  model.stages.push_back(make_stage({.arch = "3fc"}, {6}, 1, 1));
  EXPECT_THAT(message_of<InvalidArgument>([&] { (void)to_sparse_autoencoder(model, "sparsify"); }),
              HasSubstr("sparsify: the format holds a network of one stage; got 2 stages"));
}

TEST(SparseAutoencoder, OfValuesThatAreNotFiniteIsNoModel) {
  SparseAutoencoder dictionary = random_dictionary();
  dictionary.decoder[3] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(message_of<DataError>([&] { (void)to_model(dictionary, "folder"); }),
              HasSubstr("folder: tensor"));
}

}  // namespace
}  // namespace wta
