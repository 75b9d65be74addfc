#pragma once
#include <map>
#include <utility>
#include <vector>

#include "kernels/row_sink.h"

namespace wta::testing {

/// Keeps each row under (parameter, row), and how often it came.
template <class T>
class StoringSink final : public RowSink<T> {
 public:
  void take_row(std::int64_t parameter, std::int64_t row, std::span<const T> gradient) override {
    rows[{parameter, row}].assign(gradient.begin(), gradient.end());
    ++calls;
  }
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<T>> rows;
  std::int64_t calls = 0;
};

}  // namespace wta::testing
