#pragma once
#include <cstdint>

#include "data/image_folder.h"
#include "data/source.h"
#include "wta/dataset.h"

namespace wta {

/// Squares to cut from images, at positions drawn by the seed.
struct PatchRule {
  std::int64_t count = 0;  ///< from the training images; a fifth as many from the test images, if any
  std::int64_t size = 0;   ///< height and width
  std::uint64_t seed = 0;
};

/// A set of patches [size,size] or [size,size,C] without labels. Every image gives the same number, or one
/// more: patch j comes from image order[j mod images], for an order drawn by (seed, Purpose::patch_order,
/// split) and a position drawn by (seed, Purpose::patch_position, split) at indices 2j (top) and 2j+1 (left);
/// split 0 is train, 1 is test. Throws InvalidArgument (samples that are no images, a patch larger than an
/// image), MemoryError.
[[nodiscard]] Dataset patches_of(const Dataset& images, const PatchRule& rule);
/// The same of images that may differ in size. Without a test split, `hold_out` keeps back images for it.
[[nodiscard]] Dataset patches_of(const ImageFolder& folder, const std::string& name,
                                 const HoldOutRule& hold_out, const PatchRule& rule);

}  // namespace wta
