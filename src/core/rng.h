#pragma once
/// Counter-based random numbers (Philox4x32-10 of Random123): a draw is a function of
/// (seed, purpose, step, index), so that resuming and the number of threads change nothing.

#include <array>
#include <cstdint>
#include <span>

namespace wta {

/// What a stream of draws is for. Values are part of every trained model's history: never renumber.
enum class Purpose : std::uint32_t {
  initial_weights = 1,
  shuffle = 2,
  hold_out = 3,
  label_subset = 4,
  built_in_digits = 5,
  validation = 6,
  input_dropout = 7,
  hidden_dropout = 8,
  patch_order = 9,
  patch_position = 10,
  hidden_sample = 11,
  visible_sample = 12,
};

/// Draws of one (seed, purpose, step); `step` is e.g. the epoch, the tensor or the image number.
class Rng {
 public:
  Rng(std::uint64_t seed, Purpose purpose, std::uint64_t step = 0);

  /// 32 random bits at `index`; the same for the same index, in any order.
  [[nodiscard]] std::uint32_t bits(std::uint64_t index) const;
  /// 128 random bits at `index`; the first word is bits(index).
  [[nodiscard]] std::array<std::uint32_t, 4> words(std::uint64_t index) const;
  /// Uniform in [0, 1), 24 bits.
  [[nodiscard]] float uniform(std::uint64_t index) const;
  /// Uniform integer in [0, bound), bound >= 1, without bias worth measuring (64-bit product).
  [[nodiscard]] std::int64_t below(std::uint64_t index, std::int64_t bound) const;
  /// Standard normal (Box-Muller in double).
  [[nodiscard]] float normal(std::uint64_t index) const;
  /// Fills `order` with a permutation of 0 .. size-1 (Fisher-Yates).
  void permutation(std::span<std::int64_t> order) const;

 private:
  std::uint64_t seed_;
  std::uint32_t purpose_;
  std::uint64_t step_;
};

}  // namespace wta
