#pragma once
/// The winners of a competition: all that passes between competition and decoder, forward and backward.

#include <cstdint>
#include <span>
#include <vector>

namespace wta {

/// Struct of arrays, grouped by unit (units ascending, samples ascending inside a unit).
/// Winner w of unit u has w in [offsets[u], offsets[u+1]).
template <class T>
struct Winners {
  std::int64_t units = 0;
  std::int64_t samples = 0;
  std::vector<std::int64_t> offsets;   ///< [units + 1]
  std::vector<std::int32_t> sample;    ///< [winners]
  std::vector<std::int32_t> position;  ///< [winners] row-major position in the map; empty for fc layers
  std::vector<T> value;                ///< [winners] > 0; of any sign where units are linear (k-sparse)

  /// By sample: winner numbers of sample n are by_sample[sample_offsets[n] .. sample_offsets[n+1]),
  /// units ascending. unit[w] is the unit of winner w. Filled by index_by_sample().
  std::vector<std::int64_t> sample_offsets;  ///< [samples + 1]
  std::vector<std::int32_t> by_sample;       ///< [winners]
  std::vector<std::int32_t> unit;            ///< [winners]

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(value.size()); }
  [[nodiscard]] std::int64_t count(std::int64_t u) const { return offsets[u + 1] - offsets[u]; }
  /// Builds the by-sample view from the by-unit arrays. Cost: one pass over the winners.
  void index_by_sample();
};

/// k of a sparsity rate over `candidates` values: max(1, floor(rate * candidates + 0.5 + 1e-9)) in double,
/// at most `candidates`.
[[nodiscard]] std::int64_t winners_per_unit(double rate_fraction, std::int64_t candidates);

}  // namespace wta
