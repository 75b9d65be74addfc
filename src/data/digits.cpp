#include <string>

#include "core/parallel.h"
#include "core/rng.h"
#include "data/digit_pen.h"
#include "data/registry.h"
#include "wta/dataset.h"

namespace wta {
namespace {

constexpr std::int64_t kTrain = 60000;
constexpr std::int64_t kTest = 10000;
constexpr std::int64_t kClasses = 10;

// Pictures [first, first + count): the same number of each digit, in shuffled order.
Split draw_split(const Context& context, std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  // Steps of the pictures are their numbers, all below 2^32.
  const std::uint64_t step = (std::uint64_t{1} << 32) + static_cast<std::uint64_t>(first);
  Rng(kDigitsSeed, Purpose::built_in_digits, step).permutation(order);
  Split split;
  split.labels.resize(order.size());
  Tensor<std::uint8_t> pixels({count, kDigitSide, kDigitSide});
  const std::int64_t tile = 500;
  parallel_for_tiles(context, count, tile, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const int digit = static_cast<int>(order[at] % kClasses);
      split.labels[at] = digit;
      draw_digit(digit, static_cast<std::uint64_t>(first + i),
                 std::span<std::uint8_t, kDigitPixels>(pixels.data() + i * kDigitPixels, kDigitPixels));
    }
  });
  split.samples = Samples(std::move(pixels));
  return split;
}

}  // namespace

Dataset built_in_digits(const Context& context) {
  Dataset dataset;
  dataset.name = "digits";
  dataset.train = draw_split(context, 0, kTrain);
  dataset.test = draw_split(context, kTrain, kTest);
  dataset.class_names = number_names(10);
  return dataset;
}

}  // namespace wta
