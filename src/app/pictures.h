#pragma once
#include <filesystem>

#include "io/image.h"
#include "wta/dataset.h"
#include "wta/model.h"

namespace wta {

/// The `count` most used atoms of a stage (from 0), most used first, as pictures of the samples. Throws
/// InvalidArgument for samples that cannot be drawn.
[[nodiscard]] Image filter_sheet(const Model& model, std::int64_t count, std::int64_t stage);
void draw_filters(const std::filesystem::path& path, const Model& model, std::int64_t count = 1024,
                  std::int64_t stage = 0);

/// The first 20 samples above their reconstructions from codes over the thresholds.
void draw_first_reconstructions(const Context& context, const std::filesystem::path& path, const Model& model,
                                const Samples& samples);

}  // namespace wta
