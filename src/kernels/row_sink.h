#pragma once
#include <cstdint>
#include <span>

namespace wta {

/// Takes finished rows of parameter gradients. An updating sink (src/optim) changes the parameter at
/// once, while the row is in cache; a storing sink keeps the gradient (tests; several processes).
/// Rows of different (parameter, row) arrive from several threads at once; each exactly once a step.
template <class T>
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// gradient: [row size of the parameter], valid during the call only.
  virtual void take_row(std::int64_t parameter, std::int64_t row, std::span<const T> gradient) = 0;
};

}  // namespace wta
