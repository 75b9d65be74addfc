#include "eval/feature_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "model/decode.h"
#include "wta/error.h"

namespace wta {
namespace {

constexpr std::int64_t kUnitsPerTask = 32;

// Samples come in rising order, so an equal activation stays behind those that are there.
void remember(const StrongSample& candidate, std::size_t most, std::vector<StrongSample>& strongest) {
  if (candidate.activation <= 0) return;
  if (strongest.size() == most) {
    if (most == 0 || candidate.activation <= strongest.back().activation) return;
    strongest.pop_back();
  }
  const auto stronger = [](const StrongSample& a, const StrongSample& b) {
    return a.activation > b.activation;
  };
  strongest.insert(std::upper_bound(strongest.begin(), strongest.end(), candidate, stronger), candidate);
}

}  // namespace

FeatureStatistics::FeatureStatistics(const Autoencoder& network, std::int64_t classes, std::int64_t strongest)
    : network_(network),
      strongest_(static_cast<std::size_t>(strongest)),
      units_(static_cast<std::size_t>(network.units())),
      class_samples_(static_cast<std::size_t>(classes)) {
  for (UnitStatistics& unit : units_) unit.class_sums.resize(static_cast<std::size_t>(classes));
}

void FeatureStatistics::require_fit(const ActivationBlock& block) const {
  const auto labels = static_cast<std::int64_t>(block.labels.size());
  if (block.values.cols != network_.units() || (labels != 0 && labels != block.values.rows)) {
    throw InvalidArgument(fmt::format(
        "statistics: a block must hold [samples,{}] activations and a label of each; got [{},{}], {} labels.",
        network_.units(), block.values.rows, block.values.cols, labels));
  }
  for (const std::int32_t label : block.labels) {
    if (label < static_cast<std::int64_t>(class_samples_.size())) continue;
    throw InvalidArgument(fmt::format("statistics: a label must be below the number of classes, {}; got {}.",
                                      class_samples_.size(), label));
  }
  for (std::int64_t n = 0; n < block.values.rows; ++n) {
    const std::span<const float> row = block.values.row_span(n);
    const auto bad = std::ranges::find_if(row, [](float value) { return !std::isfinite(value); });
    if (bad == row.end()) continue;
    throw DataError(fmt::format(
        "statistics: activations must be finite; got {} of unit {} for sample {}. Try: samples in "
        "the range of those that the model was trained on, or another model.",
        *bad, bad - row.begin(), block.first + n));
  }
}

void FeatureStatistics::add(const Context& context, const ActivationBlock& block) {
  require_fit(block);
  const std::int64_t units = network_.units();
  samples_ += block.values.rows;
  for (const std::int32_t label : block.labels) {
    if (label >= 0) ++class_samples_[static_cast<std::size_t>(label)];
  }
  parallel_for_tiles(context, units, kUnitsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t u = begin; u < end; ++u) add_unit(block, u);
  });
}

void FeatureStatistics::add_unit(const ActivationBlock& block, std::int64_t unit) {
  UnitStatistics& statistics = units_[static_cast<std::size_t>(unit)];
  for (std::int64_t n = 0; n < block.values.rows; ++n) {
    const float value = block.values(n, unit);
    if (value == 0) {
      ++statistics.zeros;
      continue;
    }
    statistics.sum += value;
    statistics.decoded += decodes(network_, unit, value) ? 1 : 0;
    statistics.histogram.add(value);
    const std::int32_t position = block.where.rows > 0 ? block.where(n, unit) : 0;
    remember({.sample = block.first + n, .activation = value, .position = position}, strongest_,
             statistics.strongest);
    const std::int32_t label = block.labels.empty() ? -1 : block.labels[static_cast<std::size_t>(n)];
    if (label >= 0) statistics.class_sums[static_cast<std::size_t>(label)] += std::abs(value);
  }
}

double FeatureStatistics::frequency(std::int64_t unit) const {
  const UnitStatistics& statistics = units_[static_cast<std::size_t>(unit)];
  if (samples_ == 0) return 0;
  const bool probability = network_.activation == Activation::sigmoid;
  return (probability ? statistics.sum : static_cast<double>(statistics.decoded)) /
         static_cast<double>(samples_);
}

std::vector<double> FeatureStatistics::class_means(std::int64_t unit) const {
  std::vector<double> means = units_[static_cast<std::size_t>(unit)].class_sums;
  for (std::size_t c = 0; c < means.size(); ++c) {
    if (class_samples_[c] > 0) means[c] /= static_cast<double>(class_samples_[c]);
  }
  return means;
}

std::optional<Selectivity> FeatureStatistics::selectivity(std::int64_t unit) const {
  const std::vector<double> means = class_means(unit);
  const auto seen = std::ranges::count_if(class_samples_, [](std::int64_t count) { return count > 0; });
  if (seen < 2) return std::nullopt;
  const auto largest = std::ranges::max_element(means);
  double others = -*largest;
  for (const double mean : means) others += mean;
  others = std::max(0.0, others / static_cast<double>(seen - 1));
  const double sum = *largest + others;
  return Selectivity{.preferred = largest - means.begin(), .index = sum > 0 ? (*largest - others) / sum : 0};
}

}  // namespace wta
