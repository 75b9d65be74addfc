#pragma once
#include <cstdint>
#include <span>

#include "kernels/maps.h"
#include "wta/tensor.h"

namespace wta {

/// Positions of some samples' maps, row-major ascending; not owned. Sample n has the first count[n] entries
/// of row n. Rows may be the same memory (stride 0): one list for all samples.
struct PositionLists {
  ConstMatrixView<std::int32_t> position;  ///< [samples, at least count[n]]
  std::span<const std::int64_t> count;     ///< [samples]

  [[nodiscard]] std::span<const std::int32_t> of_sample(std::int64_t n) const {
    return {position.row(n), static_cast<std::size_t>(count[n])};
  }
  [[nodiscard]] PositionLists sample_range(std::int64_t begin, std::int64_t end) const {
    return {position.row_range(begin, end),
            count.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))};
  }
};

/// Backward of a rectifier below the winners, which touch only some positions: those are listed.
/// Math: grad[n,p,c] = 0 where h[n,p,c] <= 0; p is listed if some grad[n,p,c] != 0 is left.
/// in   h         [samples, H, W, C] the rectifier's output
/// out  grad      [samples, H, W, C] (changed in place; the frame is left as it is)
///      position  [samples, H*W], count [samples]: the lists (assigns)
/// Cost: one read of grad, and of h where grad is not 0. Single-threaded: callers cut samples into tiles.
namespace reference {
template <class T>
void mask_touched(ConstMapsView<T> h, MapsView<T> grad, MatrixView<std::int32_t> position,
                  std::span<std::int64_t> count);
}  // namespace reference

namespace cpu {
void mask_touched(ConstMapsView<float> h, MapsView<float> grad, MatrixView<std::int32_t> position,
                  std::span<std::int64_t> count);
}  // namespace cpu

}  // namespace wta
