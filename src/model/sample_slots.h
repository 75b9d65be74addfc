#pragma once
#include <cstdint>
#include <vector>

#include "kernels/winners.h"
#include "wta/tensor.h"

namespace wta {

/// The k winners of each sample, filled tile by tile, before they are grouped by unit.
class SampleSlots {
 public:
  void resize(std::int64_t samples, std::int64_t k);

  /// Keeps the k largest of h [end - begin, units] for each of the samples [begin, end).
  void select(ConstMatrixView<float> h, std::int64_t begin, std::int64_t end);
  /// Winners by unit, samples ascending. Fills units, offsets, sample and value. rectified: of rectified
  /// units, whose values <= 0 are no winners.
  void pack(std::int64_t units, bool rectified, Winners<float>& winners) const;

 private:
  Tensor<std::int32_t> unit_;  ///< [samples, k]
  Tensor<float> value_;        ///< [samples, k]
};

}  // namespace wta
