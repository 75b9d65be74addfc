#pragma once
#include <cstdint>
#include <vector>

#include "wta/context.h"
#include "wta/tensor.h"

namespace wta {

struct SimilarAtom {
  std::int64_t unit = 0;
  float cosine = 0;
};

/// Of each atom the `count` others with the largest cosine, largest first; ties: lower unit first. An atom of
/// zeros has none, and is nobody's. atoms [units, D].
[[nodiscard]] std::vector<std::vector<SimilarAtom>> similar_atoms(const Context& context,
                                                                  ConstMatrixView<float> atoms,
                                                                  std::int64_t count);

}  // namespace wta
