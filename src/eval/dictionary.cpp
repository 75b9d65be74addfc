#include "eval/dictionary.h"

#include <algorithm>
#include <limits>

namespace wta {
namespace {

// `usage`: of the rows; empty: all are live.
double median_delta_ness(ConstMatrixView<float> rows, std::span<const std::int64_t> usage) {
  std::vector<double> values;
  for (std::int64_t row = 0; row < rows.rows; ++row) {
    const bool live = usage.empty() || usage[static_cast<std::size_t>(row)] > 0;
    if (live) values.push_back(delta_ness(rows.row_span(row)));
  }
  return median(std::move(values));
}

}  // namespace

double delta_ness(std::span<const float> weights) {
  double largest = 0;
  double sum = 0;
  for (const double weight : weights) {
    largest = std::max(largest, weight * weight);
    sum += weight * weight;
  }
  return sum > 0 ? largest / sum : 0;
}

double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

DictionaryStatistics dictionary_statistics(const Stage& stage) {
  const Autoencoder& network = stage.network;
  const bool first_competes = network.encoder.size() == 1;
  return {.atom_delta_median = median_delta_ness(network.atoms(), stage.usage),
          .filter_delta_median =
              median_delta_ness(network.encoder.front().weight.matrix(),
                                first_competes ? std::span(stage.usage) : std::span<const std::int64_t>())};
}

}  // namespace wta
