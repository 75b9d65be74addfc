#pragma once
#include <cstdint>
#include <vector>

namespace wta {

/// Counts of values in bins of one width, made in one pass without knowing their range: bin b holds
/// [b * width, (b + 1) * width). The width is the smallest power of two, not below 2^-30, with which all
/// values so far lie within kMostBins neighbouring bins, so it does not depend on their order.
class StreamingHistogram {
 public:
  static constexpr std::int64_t kMostBins = 48;

  /// value: finite.
  void add(float value);
  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] std::int64_t first_bin() const { return first_; }
  /// [bins from first_bin() to the last that holds a value]
  [[nodiscard]] const std::vector<std::int64_t>& counts() const { return counts_; }

 private:
  void double_width();
  [[nodiscard]] std::int64_t bin_of(float value) const;

  double width_ = 0x1p-30;
  double inverse_ = 0x1p30;
  std::int64_t first_ = 0;
  std::vector<std::int64_t> counts_;
};

}  // namespace wta
