#pragma once
#include <cstddef>

#include "wta/model.h"

namespace wta {

/// The stages whose codes a choice asks for; those below the first are run all the same.
struct StageRange {
  std::size_t first = 0;
  std::size_t last = 0;
};

/// Throws InvalidArgument when the model has no such stage.
[[nodiscard]] StageRange stages_of(const Model& model, const StageChoice& choice);

}  // namespace wta
