#include "wta/classifier.h"

#include <gmock/gmock.h>

#include <limits>

#include "eval/svm_problems.h"
#include "wta/error.h"

namespace wta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const test::LabelledCodes& small_problem() {
  static const auto data =
      test::make_problem({.samples = 700, .features = 37, .classes = 4, .noise = 2.0, .active = 0.5});
  return data;
}

TEST(TrainLinearSvm, AnyThreadCount_ThenTheSameBits) {
  const auto& data = small_problem();
  std::vector<LinearClassifier> trained;
  for (const int threads : {1, 2, 3}) {
    Context context;
    context.threads = threads;
    trained.push_back(train_linear_svm(context, {}, data.codes.matrix(), data.labels, 4));
  }
  for (const auto& other : trained) {
    EXPECT_EQ(other.C, trained[0].C);
    EXPECT_EQ(other.code_scale, trained[0].code_scale);
    EXPECT_TRUE(std::ranges::equal(other.weight.span(), trained[0].weight.span()));
    EXPECT_TRUE(std::ranges::equal(other.bias.span(), trained[0].bias.span()));
  }
}

TEST(TrainLinearSvm, CodesScaled_ThenTheSamePredictions) {
  const auto& data = small_problem();
  Tensor<float> larger = data.codes;
  for (float& x : larger.span()) x *= 64;
  const auto a = train_linear_svm(Context{}, {}, data.codes.matrix(), data.labels, 4);
  const auto b = train_linear_svm(Context{}, {}, larger.matrix(), data.labels, 4);
  EXPECT_EQ(b.code_scale, 64 * a.code_scale);
  EXPECT_EQ(a.predict(Context{}, data.codes.matrix()), b.predict(Context{}, larger.matrix()));
}

TEST(TrainLinearSvm, StridedView_ThenOnlyItsColumnsCount) {
  const auto& data = small_problem();
  Tensor<float> wide({700, 50});
  std::ranges::fill(wide.span(), 1e6F);
  for (std::int64_t n = 0; n < 700; ++n) {
    std::ranges::copy(data.codes.matrix().row_span(n), wide.matrix().row(n));
  }
  const ConstMatrixView<float> view(wide.data(), 700, 37, 50);
  const auto a = train_linear_svm(Context{}, {}, data.codes.matrix(), data.labels, 4);
  const auto b = train_linear_svm(Context{}, {}, view, data.labels, 4);
  EXPECT_TRUE(std::ranges::equal(a.weight.span(), b.weight.span()));
}

TEST(TrainLinearSvm, AllCodesZero_ThenTheBiasDecides) {
  const Tensor<float> codes({30, 3});
  std::vector<std::int32_t> labels(30, 1);
  labels[4] = 0;
  const auto classifier = train_linear_svm(Context{}, {}, codes.matrix(), labels, 2);
  EXPECT_EQ(classifier.code_scale, 1);
  EXPECT_EQ(classifier.predict(Context{}, codes.matrix()), std::vector<std::int32_t>(30, 1));
}

TEST(TrainLinearSvm, ProgressSaysStop_ThenInterrupted) {
  const auto& data = small_problem();
  int calls = 0;
  const SvmProgress stop = [&](const SvmStatus& status) {
    EXPECT_EQ(status.fits, 5 * 8 + 1);
    EXPECT_GT(status.objective, 0);
    return ++calls < 5;
  };
  EXPECT_THROW((void)train_linear_svm(Context{}, {}, data.codes.matrix(), data.labels, 4, stop), Interrupted);
  EXPECT_EQ(calls, 5);
}

TEST(TrainLinearSvm, BadArguments_ThenRefusedByName) {
  const auto& data = small_problem();
  const auto train = [&](std::span<const std::int32_t> labels, std::int64_t classes,
                         SvmOptions options = {}) {
    return [=, &data] { (void)train_linear_svm(Context{}, options, data.codes.matrix(), labels, classes); };
  };
  const std::span<const std::int32_t> labels(data.labels);
  EXPECT_THAT(train(labels.first(699), 4),
              ThrowsMessage<InvalidArgument>(HasSubstr("got codes [700,37] (samples,features), 699 labels")));
  const std::vector<std::int32_t> one(700, 0);
  EXPECT_THAT(train(one, 1), ThrowsMessage<InvalidArgument>(HasSubstr("at least two classes are needed")));
  EXPECT_THAT(train(one, 2), ThrowsMessage<InvalidArgument>(HasSubstr("got none of class 1")));
  EXPECT_THAT(train(labels, 5), ThrowsMessage<InvalidArgument>(HasSubstr("got none of class 4")));
  EXPECT_THAT(train(labels, 3), ThrowsMessage<InvalidArgument>(HasSubstr("labels must lie in 0..2")));
  EXPECT_THAT(train(labels, 4, {.candidates = {}}),
              ThrowsMessage<InvalidArgument>(HasSubstr("at least one C")));
  EXPECT_THAT(train(labels, 4, {.candidates = {4, 1}}),
              ThrowsMessage<InvalidArgument>(HasSubstr("ascending")));
  EXPECT_THAT(train(labels, 4, {.largest_candidate = std::numeric_limits<double>::quiet_NaN()}),
              ThrowsMessage<InvalidArgument>(HasSubstr("largest_candidate must be a number")));
  EXPECT_THAT(train(labels, 4, {.tolerance = 0}), ThrowsMessage<InvalidArgument>(HasSubstr("tolerance")));
}

TEST(TrainLinearSvm, CodesNotFinite_ThenTheSampleIsNamed) {
  auto data = small_problem();
  data.codes.matrix()(123, 5) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT([&] { (void)train_linear_svm(Context{}, {}, data.codes.matrix(), data.labels, 4); },
              ThrowsMessage<DataError>(HasSubstr("sample 123")));
}

TEST(LinearClassifier, KnownWeights_ThenTheLargestScoreWinsAndTiesGoToTheLowerClass) {
  LinearClassifier classifier;
  classifier.weight = Tensor<float>({3, 2}, std::vector<float>{1, 0, 0, 1, 1, 0});
  classifier.bias = Tensor<float>({3}, std::vector<float>{0, 0.5F, 0});
  classifier.code_scale = 2;
  const Tensor<float> codes({4, 2}, std::vector<float>{4, 0, 0, 4, 1, 0, 1.5F, 0});
  EXPECT_THAT(classifier.predict(Context{}, codes.matrix()), ElementsAre(0, 1, 0, 0));
  const Tensor<float> narrow({4, 1});
  EXPECT_THAT([&] { (void)classifier.predict(Context{}, narrow.matrix()); },
              ThrowsMessage<InvalidArgument>(HasSubstr("got codes [4,1]")));
}

TEST(ConfusionMatrix, SomeErrors_ThenRowsAreTrueClasses) {
  const std::vector<std::int32_t> labels = {0, 0, 1, 2, 2};
  const std::vector<std::int32_t> predicted = {0, 1, 1, 2, 0};
  const auto counts = confusion_matrix(predicted, labels, 3);
  EXPECT_THAT(counts.span(), ElementsAre(1, 1, 0, 0, 1, 0, 1, 0, 1));
  EXPECT_DOUBLE_EQ(error_fraction(predicted, labels), 0.4);
  EXPECT_THROW((void)confusion_matrix(predicted, labels, 2), InvalidArgument);
  EXPECT_THROW((void)error_fraction(predicted, std::span(labels).first(3)), InvalidArgument);
}

}  // namespace
}  // namespace wta
