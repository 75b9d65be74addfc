#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "data/source.h"
#include "wta/context.h"

namespace wta {

/// Images in the order of their paths, of one number of channels; sizes may differ.
struct ImageList {
  std::vector<std::filesystem::path> files;
  std::vector<Samples> images;        ///< one sample each, [1,H,W] or [1,H,W,3]
  std::optional<LabelColumn> labels;  ///< the name of each image's folder, where folders are classes
};

/// What a folder of images holds.
struct ImageFolder {
  ImageList train;
  bool has_test = false;
  ImageList test;
};

/// Reads every image (read_image) of a folder. Sub-folders are classes, with images at any depth; `train` and
/// `test` (or `train` alone) are splits, each flat or with classes; without sub-folders the images have no
/// labels. Names that start with a dot and links back to a folder above are skipped. Throws DataError
/// (another kind of file, an empty folder, images beside sub-folders, grey images beside colour ones),
/// IoError, MemoryError, Interrupted.
[[nodiscard]] ImageFolder read_image_folder(const std::filesystem::path& folder, const Context& context);

/// One image file as a list.
[[nodiscard]] ImageList read_single_image(const std::filesystem::path& file);

/// A list as samples [N,H,W] or [N,H,W,3]. Throws DataError when sizes differ (names two files and both
/// sizes).
[[nodiscard]] Samples stacked(const ImageList& list);
[[nodiscard]] Source to_source(ImageFolder folder);

}  // namespace wta
