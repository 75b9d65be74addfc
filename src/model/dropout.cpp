#include "model/dropout.h"

#include <array>

namespace wta {

// One block of random words serves four neighbours.
void Dropout::drop(std::int64_t step, std::int64_t first, std::span<float> values, float factor) const {
  if (!active()) return;
  const Rng rng(seed_, purpose_, static_cast<std::uint64_t>(step));
  const auto limit = static_cast<std::uint32_t>(fraction_ * 0x1p32);
  auto place = static_cast<std::uint64_t>(first);
  std::array<std::uint32_t, 4> words = rng.words(place / 4);
  for (float& value : values) {
    value = words[place % 4] < limit ? 0.0F : factor * value;
    if (++place % 4 == 0) words = rng.words(place / 4);
  }
}

}  // namespace wta
