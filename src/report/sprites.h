#pragma once
/// Many small pictures on a few large sheets, for a page that stands alone.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "wta/report.h"

namespace wta {

/// Equal tiles, row by row on sheets of equal size. Around each tile its border is repeated, so that nothing
/// of a neighbour shows where a browser scales the sheet.
struct Sprites {
  TileShape tile;   ///< what a tile shows
  TileShape drawn;  ///< its pixels on the sheet: those of `tile`, or fewer where they had to be
  std::int64_t cell_height = 0;
  std::int64_t cell_width = 0;
  std::int64_t columns = 0;
  std::int64_t rows = 0;
  std::int64_t count = 0;
  std::vector<std::string> sheets;  ///< data URIs
  static constexpr std::int64_t kBorder = 1;
};

/// Draws `picture(0) .. picture(count - 1)`, all of shape `tile`, in at most `budget_bytes` of text if it can
/// be: as PNG, else as JPEG, else with tiles of half the size, and so on.
[[nodiscard]] Sprites draw_sprites(std::int64_t count, const TileShape& tile,
                                   const std::function<Picture(std::int64_t)>& picture,
                                   std::int64_t budget_bytes);

}  // namespace wta
