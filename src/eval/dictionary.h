#pragma once
/// What a learned dictionary looks like, in numbers.

#include <span>

#include "wta/model.h"

namespace wta {

/// How much of a filter lies in one weight: largest squared weight / sum of squared weights, from 1/size (all
/// alike) to 1 (a delta function, which copies its input). 0 for a filter of zeros.
/// Source: Makhzani & Frey 2015, section 3.1, speaks of delta filters; the measure is ours.
[[nodiscard]] double delta_ness(std::span<const float> weights);

/// The median of an even number of values is the mean of the middle two; NaN of none.
[[nodiscard]] double median(std::vector<double> values);

struct DictionaryStatistics {
  double atom_delta_median = 0;    ///< of the decoder's atoms of live units; NaN where none is
  double filter_delta_median = 0;  ///< of the first encoder layer; below the last layer every unit counts
};

/// A unit is live when it won in the last complete epoch (Stage::usage).
[[nodiscard]] DictionaryStatistics dictionary_statistics(const Stage& stage);

}  // namespace wta
