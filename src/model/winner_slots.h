#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/winners.h"
#include "wta/tensor.h"

namespace wta {

/// The winners of each unit in slots of k, filled tile by tile, before they are packed.
class WinnerSlots {
 public:
  void resize(std::int64_t units, std::int64_t k);
  [[nodiscard]] std::int64_t k() const { return k_; }

  /// Keeps the k largest of h [end - begin, candidates] for each of the units [begin, end).
  void select(ConstMatrixView<float> h, std::int64_t begin, std::int64_t end);
  /// Sets everything in h that select() did not choose to 0.
  void clear_losers(MatrixView<float> h, std::int64_t begin, std::int64_t end) const;
  /// The smallest value that unit u chose; 0 where it chose none.
  [[nodiscard]] float smallest(std::int64_t u) const;
  /// Struct of arrays of all units; `sample` holds the candidate numbers. Fills offsets, sample and value.
  void pack(Winners<float>& winners) const;

 private:
  std::int64_t units_ = 0;
  std::int64_t k_ = 0;
  std::vector<std::int32_t> candidate_;  ///< [units, k]
  AlignedVector<float> value_;           ///< [units, k]
  std::vector<std::int64_t> count_;      ///< [units]
};

}  // namespace wta
