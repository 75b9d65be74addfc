#include "train/epoch_statistics.h"

#include <algorithm>
#include <limits>
#include <utility>

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

DataMoments measure_moments(const Samples& samples) {
  constexpr std::int64_t kBlock = 256;
  const std::int64_t size = samples.sample_size();
  std::vector<double> sums(static_cast<std::size_t>(size));
  double squares = 0;
  float lowest = std::numeric_limits<float>::max();
  float highest = std::numeric_limits<float>::lowest();
  bool differ = false;
  Tensor<float> first({1, size}), block({kBlock, size});
  if (samples.count() > 0) samples.read(0, first.matrix());
  for (std::int64_t begin = 0; begin < samples.count(); begin += kBlock) {
    const MatrixView<float> x = block.matrix().row_range(0, std::min(kBlock, samples.count() - begin));
    samples.read(begin, x);
    for (std::int64_t n = 0; n < x.rows; ++n) {
      const auto [least, most] = std::ranges::minmax(x.row_span(n));
      differ = differ || !std::ranges::equal(x.row_span(n), first.span());
      lowest = std::min(lowest, least);
      highest = std::max(highest, most);
      for (std::int64_t d = 0; d < size; ++d) {
        const double value = x(n, d);
        sums[static_cast<std::size_t>(d)] += value;
        squares += value * value;
      }
    }
  }
  const auto count = static_cast<double>(samples.count());
  double mean_energy = 0;
  for (double& sum : sums) {
    sum /= count;
    mean_energy += sum * sum;
  }
  return {.mean = std::move(sums),
          .centred_squares = std::max(0.0, squares - count * mean_energy),
          .mean_squares = squares / count,
          .lowest = lowest,
          .highest = highest,
          .samples_differ = differ};
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
