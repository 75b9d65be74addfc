#pragma once
/// Which samples are held out to choose C, which C are tried, and the choice.

#include <cstdint>
#include <span>
#include <utility>
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

/// The path over C: the candidates in turn; on by their last factor, to at most `largest`, where the last of
/// them has the fewest errors and while these fall; and no further once errors have risen kRises times in a
/// row: the largest C cost most, and errors that rise so steadily seldom fall below the best again.
class PathOverC {
 public:
  static constexpr std::size_t kRises = 3;

  PathOverC(std::vector<double> candidates, double largest)
      : candidates_(std::move(candidates)), largest_(largest) {}

  [[nodiscard]] bool ended() const;
  /// The C to try now, unless the path has ended.
  [[nodiscard]] double next() const { return candidates_[errors_.size()]; }
  /// Held-out errors of next(). Returns whether they are the fewest so far.
  bool note(std::int64_t errors);
  /// How many C there are, unless errors rise or C grows.
  [[nodiscard]] std::size_t size() const { return candidates_.size(); }

 private:
  [[nodiscard]] bool rises() const;

  std::vector<double> candidates_;
  double largest_;
  std::vector<std::int64_t> errors_;
};

}  // namespace wta::svm
