#include "data/joined_samples.h"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace wta {

Samples joined(std::span<const Samples> parts) {
  return std::visit(
      [&](const auto& first) {
        using Values = std::remove_cvref_t<decltype(first)>;
        Shape shape = first.shape();
        shape.front() = 0;
        for (const Samples& part : parts) shape.front() += part.count();
        Values all(shape);
        auto* out = all.data();
        for (const Samples& part : parts)
          out = std::ranges::copy(std::get<Values>(part.values()).span(), out).out;
        return Samples(std::move(all));
      },
      parts.front().values());
}

}  // namespace wta
