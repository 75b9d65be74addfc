#include "kernels/winners.h"

#include <algorithm>
#include <cmath>

namespace wta {

template <class T>
void Winners<T>::index_by_sample() {
  sample_offsets.assign(static_cast<std::size_t>(samples + 1), 0);
  by_sample.resize(value.size());
  unit.resize(value.size());
  for (const std::int32_t n : sample) ++sample_offsets[n + 1];
  for (std::int64_t n = 0; n < samples; ++n) sample_offsets[n + 1] += sample_offsets[n];
  std::vector<std::int64_t> next(sample_offsets.begin(), sample_offsets.end() - 1);
  for (std::int64_t u = 0; u < units; ++u) {
    for (std::int64_t w = offsets[u]; w < offsets[u + 1]; ++w) {
      by_sample[next[sample[w]]++] = static_cast<std::int32_t>(w);
      unit[w] = static_cast<std::int32_t>(u);
    }
  }
}

template struct Winners<float>;
template struct Winners<double>;

std::int64_t winners_per_unit(double rate_fraction, std::int64_t candidates) {
  const double rounded = std::floor(rate_fraction * static_cast<double>(candidates) + 0.5 + 1e-9);
  return std::min(candidates, std::max<std::int64_t>(1, static_cast<std::int64_t>(rounded)));
}

}  // namespace wta
