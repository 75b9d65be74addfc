#include "core/rng.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace wta {
namespace {

using Philox = r123::Philox4x32;

Philox::ctr_type block(std::uint64_t seed, std::uint32_t purpose, std::uint64_t step, std::uint64_t index) {
  // The counter holds (index, step); the purpose is folded into the key.
  const Philox::ctr_type counter = {
      {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
       static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32)}};
  const Philox::key_type key = {
      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32) ^ (purpose * 0x9E3779B9U)}};
  return Philox{}(counter, key);
}

}  // namespace

Rng::Rng(std::uint64_t seed, Purpose purpose, std::uint64_t step)
    : seed_(seed), purpose_(static_cast<std::uint32_t>(purpose)), step_(step) {}

std::uint32_t Rng::bits(std::uint64_t index) const {
  return block(seed_, purpose_, step_, index)[0];
}

std::array<std::uint32_t, 4> Rng::words(std::uint64_t index) const {
  const auto words = block(seed_, purpose_, step_, index);
  return {words[0], words[1], words[2], words[3]};
}

float Rng::uniform(std::uint64_t index) const {
  return static_cast<float>(bits(index) >> 8) * 0x1p-24F;
}

std::int64_t Rng::below(std::uint64_t index, std::int64_t bound) const {
  const auto words = block(seed_, purpose_, step_, index);
  const std::uint64_t draw = (static_cast<std::uint64_t>(words[0]) << 32) | words[1];
  // High half of the 128-bit product draw x bound, from 32-bit halves.
  const auto limit = static_cast<std::uint64_t>(bound);
  const std::uint64_t low = (draw & 0xFFFFFFFF) * (limit & 0xFFFFFFFF);
  const std::uint64_t middle = (draw >> 32) * (limit & 0xFFFFFFFF) + (low >> 32);
  const std::uint64_t cross = (draw & 0xFFFFFFFF) * (limit >> 32) + (middle & 0xFFFFFFFF);
  return static_cast<std::int64_t>((draw >> 32) * (limit >> 32) + (middle >> 32) + (cross >> 32));
}

float Rng::normal(std::uint64_t index) const {
  const auto words = block(seed_, purpose_, step_, index);
  const double u = (static_cast<double>(words[0]) + 1.0) * 0x1p-32;
  const double angle = static_cast<double>(words[1]) * 0x1p-32 * 2.0 * std::numbers::pi;
  return static_cast<float>(std::sqrt(-2.0 * std::log(u)) * std::cos(angle));
}

void Rng::permutation(std::span<std::int64_t> order) const {
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<std::size_t>(below(i, static_cast<std::int64_t>(i)))]);
  }
}

}  // namespace wta
