#include "train/epoch_statistics.h"

#include <algorithm>

namespace wta {
namespace {

constexpr std::int64_t kThresholdHorizon = 100;

}  // namespace

void EpochStatistics::add(const StepResult& result, const UnitActivity& activity,
                          std::int64_t samples_of_step) {
  loss_sum += result.loss * static_cast<double>(samples_of_step);
  squared_error += result.squared_error;
  samples += samples_of_step;
  winners += result.winners;
  for (std::size_t u = 0; u < wins.size(); ++u) wins[u] += activity.wins[u];
}

std::int64_t EpochStatistics::dead_units() const {
  return std::ranges::count(wins, 0);
}

void update_thresholds(const UnitActivity& activity, std::vector<std::int64_t>& updates,
                       Tensor<float>& thresholds) {
  for (std::size_t u = 0; u < updates.size(); ++u) {
    if (activity.wins[u] == 0) continue;
    updates[u] = std::min(updates[u] + 1, kThresholdHorizon);
    float& threshold = thresholds[static_cast<std::int64_t>(u)];
    threshold += (activity.smallest[u] - threshold) / static_cast<float>(updates[u]);
  }
}

}  // namespace wta
