#include "model/bernoulli.h"

#include <array>

namespace wta {

// One block of random words serves four neighbours; a draw is uniform in [0, 1), so 0 never and 1 always
// hits.
void Bernoulli::draw(std::uint64_t step, std::int64_t first, std::span<const float> probability,
                     std::span<float> out) const {
  const Rng rng(seed_, purpose_, step);
  auto place = static_cast<std::uint64_t>(first);
  std::array<std::uint32_t, 4> words = rng.words(place / 4);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float uniform = static_cast<float>(words[place % 4] >> 8) * 0x1p-24F;
    out[i] = uniform < probability[i] ? 1.0F : 0.0F;
    if (++place % 4 == 0) words = rng.words(place / 4);
  }
}

}  // namespace wta
