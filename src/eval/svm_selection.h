#pragma once
/// Which samples are held out to choose C, and the choice.

#include <cstdint>
#include <span>
#include <vector>

namespace wta::svm {

/// One way to divide the samples: row numbers, ascending.
struct Split {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> held_out;
};

/// From this many samples on, one sixth is held out once; below, five folds take turns.
inline constexpr std::int64_t kHoldOutSamples = 5000;

/// The splits that choose C: stratified, seeded (purpose `validation`). Splits that hold nothing
/// out, or everything, are left away.
[[nodiscard]] std::vector<Split> selection_splits(std::span<const std::int32_t> labels, std::int64_t classes,
                                                  std::uint64_t seed);

/// Place of the fewest errors; ties to the first.
[[nodiscard]] std::size_t fewest_errors(std::span<const std::int64_t> errors);

}  // namespace wta::svm
