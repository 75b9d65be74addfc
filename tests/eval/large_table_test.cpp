// Sizes beyond 2^31 elements: address space is reserved for the whole table, memory is taken for a few rows.

#include <gmock/gmock.h>
#include <sys/mman.h>

#include "eval/svm_active.h"
#include "eval/svm_objective.h"
#include "eval/svm_problems.h"
#include "wta/dataset.h"

namespace wta {
namespace {

constexpr std::int64_t kSamples = 60'000;
constexpr std::int64_t kFeatures = 51'200;  // of 2048 maps, pooled to 5x5
static_assert(kSamples * kFeatures > std::int64_t{1} << 31);

template <class T>
Tensor<T> reserve_table() {
  const std::size_t bytes = kSamples * kFeatures * sizeof(T);
  void* memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return {Shape{kSamples, kFeatures},
          std::shared_ptr<T>(static_cast<T*>(memory), [bytes](T* mapped) { munmap(mapped, bytes); })};
}

// Before, around and behind the element 2^31 (in row 41,943), and the end.
const std::vector<std::int64_t> kRows = {0, 20'971, 20'972, 41'942, 41'943, 41'944, 59'998, 59'999};

TEST(LargeTable, SamplesAreGatheredFromTheirOwnPlace) {
  Tensor<std::uint8_t> values = reserve_table<std::uint8_t>();
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    values.matrix()(kRows[i], kFeatures - 1) = static_cast<std::uint8_t>(i + 1);
  }
  const Samples samples(std::move(values));
  Tensor<float> out({static_cast<std::int64_t>(kRows.size()), kFeatures});
  samples.gather(kRows, out.matrix());
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    EXPECT_EQ(out.matrix()(static_cast<std::int64_t>(i), kFeatures - 1), static_cast<float>(i + 1) / 255.0F);
  }
}

TEST(LargeTable, TheClassifierReadsTheRowsThatItIsGiven) {
  const auto count = static_cast<std::int64_t>(kRows.size());
  const test::LabelledCodes few = test::make_problem({.samples = count, .features = kFeatures, .classes = 2});
  Tensor<float> table = reserve_table<float>();
  std::vector<std::int32_t> labels(kSamples);
  for (std::int64_t i = 0; i < count; ++i) {
    std::copy_n(few.codes.matrix().row(i), kFeatures, table.matrix().row(kRows[i]));
    labels[kRows[i]] = few.labels[i];
  }
  const std::vector<std::int64_t> all = test::all_rows(count);
  const svm::Problem small{few.codes.matrix(), few.labels, all, 2, 100};
  const svm::Problem large{std::as_const(table).matrix(), labels, kRows, 2, 100};
  std::vector<double> w(static_cast<std::size_t>(small.parameters()));
  for (std::size_t d = 0; d < w.size(); ++d) w[d] = std::sin(static_cast<double>(d));
  const Context context{.threads = 2};
  Tensor<float> expected({count, 2});
  Tensor<float> scores({count, 2});
  svm::scores(context, small, w, expected.matrix());
  svm::scores(context, large, w, scores.matrix());
  EXPECT_THAT(scores.span(), testing::ElementsAreArray(expected.span()));
  EXPECT_THAT(expected.span(), testing::Contains(testing::Ne(0.0F)));
}

}  // namespace
}  // namespace wta
