#include "eval/svm_selection.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "eval/liblinear_oracle.h"
#include "eval/svm_problems.h"
#include "wta/classifier.h"

namespace wta {
namespace {

using testing::ElementsAre;

std::vector<std::int32_t> labels_of(const std::vector<std::int64_t>& counts) {
  std::vector<std::int32_t> labels;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    labels.insert(labels.end(), static_cast<std::size_t>(counts[k]), static_cast<std::int32_t>(k));
  }
  return labels;
}

std::vector<std::int64_t> class_counts(const std::vector<std::int32_t>& labels,
                                       const std::vector<std::int64_t>& rows, std::size_t classes) {
  std::vector<std::int64_t> counts(classes);
  for (const std::int64_t row : rows) ++counts[labels[row]];
  return counts;
}

TEST(SelectionSplits, FiveThousandSamples_ThenASixthOfEveryClassIsHeldOut) {
  const auto labels = labels_of({3000, 1494, 506});
  const auto splits = svm::selection_splits(labels, 3, 1);
  ASSERT_EQ(splits.size(), 1U);
  EXPECT_THAT(class_counts(labels, splits[0].held_out, 3), ElementsAre(500, 249, 84));
  auto rows = splits[0].train;
  rows.insert(rows.end(), splits[0].held_out.begin(), splits[0].held_out.end());
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(rows, test::all_rows(5000));
}

TEST(SelectionSplits, FewerSamples_ThenFiveFoldsHoldEachSampleOutOnce) {
  const auto labels = labels_of({50, 23, 7});
  const auto splits = svm::selection_splits(labels, 3, 1);
  ASSERT_EQ(splits.size(), 5U);
  std::vector<std::int64_t> held;
  for (const auto& split : splits) {
    EXPECT_EQ(split.held_out.size(), 16U);
    EXPECT_EQ(split.train.size(), 64U);
    EXPECT_EQ(class_counts(labels, split.held_out, 3)[0], 10);
    held.insert(held.end(), split.held_out.begin(), split.held_out.end());
  }
  std::sort(held.begin(), held.end());
  EXPECT_EQ(held, test::all_rows(80));
}

TEST(SelectionSplits, SeedDecides) {
  const auto labels = labels_of({3000, 3000});
  EXPECT_EQ(svm::selection_splits(labels, 2, 1)[0].held_out, svm::selection_splits(labels, 2, 1)[0].held_out);
  EXPECT_NE(svm::selection_splits(labels, 2, 1)[0].held_out, svm::selection_splits(labels, 2, 2)[0].held_out);
}

TEST(FewestErrors, TiesGoToTheFirst) {
  EXPECT_EQ(svm::fewest_errors(std::vector<std::int64_t>{5, 3, 3, 4}), 1U);
  EXPECT_EQ(svm::fewest_errors(std::vector<std::int64_t>{0, 0, 0}), 0U);
}

/// The C that a path tries when they make these errors, as far as the errors go.
std::vector<double> path_over(std::vector<double> candidates, double largest,
                              const std::vector<std::int64_t>& errors) {
  svm::PathOverC path(std::move(candidates), largest);
  std::vector<double> tried;
  for (const std::int64_t count : errors) {
    if (path.ended()) return tried;
    tried.push_back(path.next());
    path.note(count);
  }
  EXPECT_TRUE(path.ended()) << "more errors are needed";
  return tried;
}

TEST(PathOverC, ErrorsRiseThreeTimesInARow_ThenTheRestIsNotTried) {
  EXPECT_THAT(path_over({1, 2, 3, 4, 5, 6}, 0, {5, 4, 5, 6, 7, 0}), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(path_over({1, 2, 3, 4, 5, 6}, 0, {5, 4, 5, 6, 6, 0}), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(path_over({1, 2, 3, 4, 5}, 0, {4, 5, 6, 7, 0}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(path_over({1, 2, 3, 4, 5}, 0, {3, 4, 5, 4, 5}), ElementsAre(1, 2, 3, 4, 5));
}

TEST(PathOverC, TheLastOneIsTheBest_ThenItGrowsByTheLastFactorUpToTheLargest) {
  EXPECT_THAT(path_over({1, 2, 8}, 1000, {5, 4, 3, 2, 2}), ElementsAre(1, 2, 8, 32, 128));
  EXPECT_THAT(path_over({1, 2, 8}, 32, {5, 4, 3, 2}), ElementsAre(1, 2, 8, 32));
  EXPECT_THAT(path_over({1, 2, 8}, 31, {5, 4, 3}), ElementsAre(1, 2, 8));
  EXPECT_THAT(path_over({1, 2, 8}, 1000, {5, 4, 4}), ElementsAre(1, 2, 8));
}

TEST(PathOverC, Note_ThenSaysWhetherTheErrorsAreTheFewest) {
  svm::PathOverC path({1, 2, 3, 4}, 0);
  EXPECT_TRUE(path.note(3));
  EXPECT_FALSE(path.note(3));
  EXPECT_TRUE(path.note(2));
  EXPECT_FALSE(path.note(5));
}

// Every C separates two far clouds: the smallest must win.
TEST(SvmSelection, EveryCandidateIsPerfect_ThenTheSmallestIsChosen) {
  const auto data = test::make_problem({.samples = 300, .features = 10, .classes = 2, .noise = 0.05});
  SvmOptions options;
  options.candidates = {0.5, 2, 8};
  const auto classifier = train_linear_svm(Context{}, options, data.codes.matrix(), data.labels, 2);
  EXPECT_EQ(classifier.C, 0.5);
}

// Errors fall far beyond a grid that ends too early: C must grow to where a long grid finds them fewest.
TEST(SvmSelection, TheLastCandidateIsTheBest_ThenCGrowsWhileErrorsFall) {
  const auto data =
      test::make_problem({.samples = 400, .features = 80, .classes = 3, .noise = 3, .first_class = 0.5});
  const auto chosen = [&](std::vector<double> candidates, double largest) {
    SvmOptions options;
    options.candidates = std::move(candidates);
    options.largest_candidate = largest;
    return train_linear_svm(Context{}, options, data.codes.matrix(), data.labels, 3).C;
  };
  const double expected = chosen({0x1p-4, 0x1p-2, 1, 4, 16}, 16);
  ASSERT_GT(expected, 1);
  ASSERT_LT(expected, 16);
  EXPECT_EQ(chosen({0x1p-4, 0x1p-2}, 0x1p16), expected);
  EXPECT_EQ(chosen({0x1p-4, 0x1p-2}, 1), 1);
}

// Few samples, drowned in noise, one class in the majority: the search must find the C that liblinear finds
// best on the same folds.
TEST(SvmSelection, NoisyProblem_ThenTheBestOnTheSameFoldsIsChosen) {
  const test::ProblemKind kind{.samples = 400, .features = 80, .classes = 3, .noise = 6, .first_class = 0.5};
  const auto data = test::make_problem(kind);
  const SvmOptions options;
  const Context context;
  const auto codes = test::scaled(data.codes.matrix(), test::rms_norm(data.codes.matrix()));
  std::vector<std::int64_t> errors(options.candidates.size());
  for (const auto& split : svm::selection_splits(data.labels, 3, context.seed)) {
    const auto gather = [&](const std::vector<std::int64_t>& rows, std::vector<std::int32_t>& labels) {
      Tensor<double> out({static_cast<std::int64_t>(rows.size()), kind.features});
      for (std::size_t i = 0; i < rows.size(); ++i) {
        labels.push_back(data.labels[rows[i]]);
        const auto row = codes.matrix().row_span(rows[i]);
        std::copy(row.begin(), row.end(), out.matrix().row(static_cast<std::int64_t>(i)));
      }
      return out;
    };
    std::vector<std::int32_t> train_labels;
    std::vector<std::int32_t> held_labels;
    const auto train = gather(split.train, train_labels);
    const auto held = gather(split.held_out, held_labels);
    for (std::size_t c = 0; c < errors.size(); ++c) {
      const auto w = test::liblinear_weights(train.matrix(), train_labels, 3, options.candidates[c], 1e-5);
      const double share = test::error_of(held.matrix(), held_labels, 3, w);
      errors[c] += std::llround(share * static_cast<double>(held_labels.size()));
    }
  }
  const auto best = svm::fewest_errors(errors);
  ASSERT_LT(errors[best], errors.back()) << "the problem must tell the candidates apart";
  ASSERT_LT(errors[best], errors.front());
  const auto classifier = train_linear_svm(context, options, data.codes.matrix(), data.labels, 3);
  EXPECT_EQ(classifier.C, options.candidates[best]) << testing::PrintToString(errors);
}

}  // namespace
}  // namespace wta
