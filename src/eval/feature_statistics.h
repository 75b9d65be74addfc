#pragma once
/// What each unit of a stage does over a set of samples, gathered block by block (docs/report.md).

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "eval/streaming_histogram.h"
#include "wta/context.h"
#include "wta/network.h"
#include "wta/tensor.h"

namespace wta {

/// Activations of consecutive samples: of a unit its code, of a feature map its largest value.
struct ActivationBlock {
  std::int64_t first = 0;                ///< number of the first sample
  ConstMatrixView<float> values;         ///< [samples, units]
  ConstMatrixView<std::int32_t> where;   ///< [samples, units] positions of those values; no rows: all 0
  std::span<const std::int32_t> labels;  ///< [samples], -1 where unknown; empty: none is known
};

/// A sample with what a unit made of it.
struct StrongSample {
  std::int64_t sample = 0;
  float activation = 0;
  std::int32_t position = 0;
};

/// Sums over samples of one unit's activation.
struct UnitStatistics {
  std::int64_t decoded = 0;             ///< samples in which it counts in a reconstruction (decodes())
  std::int64_t zeros = 0;               ///< samples in which it is exactly 0
  double sum = 0;                       ///< over all samples
  StreamingHistogram histogram;         ///< of the activations that are not 0
  std::vector<StrongSample> strongest;  ///< above 0, by falling activation; ties: lower sample first
  std::vector<double> class_sums;       ///< [classes] of magnitudes
};

/// The class that a unit prefers, and by how much.
struct Selectivity {
  std::int64_t preferred = 0;  ///< class of the largest mean; ties: the lower class
  double index = 0;            ///< (largest mean - mean of the others') / (their sum): 0 indifferent, 1
                               ///< that class alone
};

class FeatureStatistics {
 public:
  /// classes: 0 without labels. strongest: samples to remember of each unit.
  FeatureStatistics(const Autoencoder& network, std::int64_t classes, std::int64_t strongest);

  /// Blocks come in the order of their samples. Throws InvalidArgument for other sizes, or labels;
  /// DataError for activations that are not finite.
  void add(const Context& context, const ActivationBlock& block);

  [[nodiscard]] std::int64_t samples() const { return samples_; }
  [[nodiscard]] const std::vector<UnitStatistics>& units() const { return units_; }
  /// Share of samples in which the unit is decoded; of sigmoid units, which are never silent, the mean.
  [[nodiscard]] double frequency(std::int64_t unit) const;
  /// [classes] mean magnitude over the samples of each class; 0 of a class without samples.
  [[nodiscard]] std::vector<double> class_means(std::int64_t unit) const;
  /// Nothing where fewer than two classes have samples.
  [[nodiscard]] std::optional<Selectivity> selectivity(std::int64_t unit) const;

 private:
  void require_fit(const ActivationBlock& block) const;
  void add_unit(const ActivationBlock& block, std::int64_t unit);

  const Autoencoder& network_;
  std::size_t strongest_;
  std::int64_t samples_ = 0;
  std::vector<UnitStatistics> units_;
  std::vector<std::int64_t> class_samples_;
};

}  // namespace wta
