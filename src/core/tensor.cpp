#include "wta/tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wta/error.h"

namespace wta {

std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count)) {
      throw InvalidArgument(fmt::format(
          "shape: extents must be >= 0 and their product must fit 63 bits; got {}.", to_string(shape)));
    }
  }
  return count;
}

void require_same_count(const Shape& from, const Shape& to) {
  if (element_count(from) == element_count(to)) return;
  throw InvalidArgument(
      fmt::format("shape: a new shape must hold as many elements as the old one; got {} for {}.",
                  to_string(to), to_string(from)));
}

std::string to_string(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape, ","));
}

}  // namespace wta
