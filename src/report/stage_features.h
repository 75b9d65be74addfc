#pragma once
/// What the features of one stage are and do: gathered for the report.

#include <cstdint>
#include <vector>

#include "eval/feature_statistics.h"
#include "eval/similar_atoms.h"
#include "wta/dataset.h"
#include "wta/model.h"
#include "wta/report.h"

namespace wta {

struct StageFeatures {
  AtomPictures pictures;  ///< one row of values each where the atoms are no pictures
  FeatureStatistics statistics;
  std::vector<std::vector<SimilarAtom>> similar;
};

/// Runs the samples of `split` through the stages up to `stage` (from 0), block by block: memory does not
/// grow with their number. `model` must outlive what is returned. classes: of the labels, which are not read
/// for 0.
[[nodiscard]] StageFeatures gather_features(const Context& context, const Model& model, std::int64_t stage,
                                            const Split& split, std::int64_t classes);

/// A place in a picture.
struct PicturePosition {
  std::int64_t y = 0;
  std::int64_t x = 0;
};

/// The pixel of the sample that position `position` of a convolutional stage's maps stands for: through the
/// middles of the pooling windows below.
[[nodiscard]] PicturePosition pixel_of(const Model& model, std::int64_t stage, std::int64_t position);

/// tile_shape, or one row of values for what is no picture.
[[nodiscard]] TileShape tile_or_row(const Shape& sample_shape);

}  // namespace wta
