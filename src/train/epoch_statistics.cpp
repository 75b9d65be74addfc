#include "train/epoch_statistics.h"

#include <algorithm>

namespace wta {
namespace {

constexpr std::int64_t kThresholdHorizon = 100;

}  // namespace

void EpochStatistics::add(const StepResult& result, const Winners<float>& winners_of_step) {
  loss_sum += result.loss * static_cast<double>(winners_of_step.samples);
  squared_error += result.squared_error;
  samples += winners_of_step.samples;
  winners += result.winners;
  for (std::int64_t u = 0; u < winners_of_step.units; ++u) {
    wins[static_cast<std::size_t>(u)] += winners_of_step.count(u);
  }
}

std::int64_t EpochStatistics::dead_units() const {
  return std::ranges::count(wins, 0);
}

void update_thresholds(const Winners<float>& winners, std::vector<std::int64_t>& updates,
                       Tensor<float>& thresholds) {
  for (std::int64_t u = 0; u < winners.units; ++u) {
    const auto first = winners.value.begin() + winners.offsets[static_cast<std::size_t>(u)];
    const auto last = winners.value.begin() + winners.offsets[static_cast<std::size_t>(u) + 1];
    if (first == last) continue;
    std::int64_t& count = updates[static_cast<std::size_t>(u)];
    count = std::min(count + 1, kThresholdHorizon);
    thresholds[u] += (*std::min_element(first, last) - thresholds[u]) / static_cast<float>(count);
  }
}

}  // namespace wta
