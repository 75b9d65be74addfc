#pragma once
#include <span>

#include "wta/dataset.h"

namespace wta {

/// All samples of the parts, one after the other. Requires: at least one part, all of one shape and type.
[[nodiscard]] Samples joined(std::span<const Samples> parts);

}  // namespace wta
