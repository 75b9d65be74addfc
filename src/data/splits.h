#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "wta/dataset.h"

namespace wta {

/// Which samples of a set are kept back; both lists ascend.
struct HoldOut {
  std::vector<std::int64_t> kept;
  std::vector<std::int64_t> held_out;
};

/// Holds out the same fraction of every class: floor(fraction n + 0.5 + 1e-9) of its n samples, at least one
/// where there are two and fraction > 0, never all. Samples without a label (-1) count as one more class.
/// Drawn by (seed, Purpose::hold_out, class). Without labels the `count` samples are one class.
[[nodiscard]] HoldOut stratified_hold_out(std::int64_t count, std::span<const std::int32_t> labels,
                                          double fraction, std::uint64_t seed);

/// `all` cut into train and test by stratified_hold_out; the test split is empty when nothing is held out.
void cut_hold_out(Split all, double fraction, std::uint64_t seed, Dataset& into);

}  // namespace wta
