#pragma once
/// Made classification problems for the tests.

#include <cstdint>
#include <numeric>
#include <vector>

#include "core/rng.h"
#include "wta/tensor.h"

namespace wta::test {

struct LabelledCodes {
  Tensor<float> codes;
  std::vector<std::int32_t> labels;
  std::int64_t classes = 0;
};

struct ProblemKind {
  std::int64_t samples = 600;
  std::int64_t features = 40;
  std::int64_t classes = 10;
  double noise = 1.0;        ///< standard deviation around the class centres
  double active = 1.0;       ///< share of non-zero codes; below 1 the codes are rectified
  double first_class = 0.0;  ///< share of samples that go to class 0 beside its turn
  std::uint64_t seed = 7;
};

/// Gaussian clouds around random centres; every class has samples.
inline LabelledCodes make_problem(const ProblemKind& kind) {
  const Rng centres(kind.seed, Purpose::initial_weights);
  const Rng noise(kind.seed, Purpose::shuffle);
  const Rng classes(kind.seed, Purpose::label_subset);
  LabelledCodes out{Tensor<float>({kind.samples, kind.features}), {}, kind.classes};
  for (std::int64_t n = 0; n < kind.samples; ++n) {
    const bool first = n >= kind.classes && classes.uniform(n) < kind.first_class;
    const auto label = static_cast<std::int32_t>(first ? 0 : n % kind.classes);
    out.labels.push_back(label);
    for (std::int64_t d = 0; d < kind.features; ++d) {
      const auto place = static_cast<std::uint64_t>(n * kind.features + d);
      const double centre = centres.normal(static_cast<std::uint64_t>(label * kind.features + d));
      double value = centre + kind.noise * noise.normal(place);
      if (kind.active < 1) value = noise.uniform(place) < kind.active && value > 0 ? value : 0;
      out.codes.matrix()(n, d) = static_cast<float>(3 * value);
    }
  }
  return out;
}

inline std::vector<std::int64_t> all_rows(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return rows;
}

}  // namespace wta::test
