#pragma once
/// Atoms as pictures in memory.

#include <cstdint>
#include <span>

#include "io/image.h"
#include "wta/report.h"

namespace wta {

/// Stage `stage`, counted from 0. Throws InvalidArgument when there is no such stage.
[[nodiscard]] const Stage& stage_of(const Model& model, std::int64_t stage);

/// As project_atoms of wta/report.h, of these units alone, in their order.
[[nodiscard]] AtomPictures project_atoms(const Model& model, std::int64_t stage,
                                         std::span<const std::int64_t> units);

/// What draw_atoms draws.
[[nodiscard]] Image atom_sheet(ConstMatrixView<float> atoms, std::span<const std::int64_t> order,
                               const TileShape& tile, std::int64_t limit);

}  // namespace wta
