#pragma once
#include <filesystem>

#include "wta/dataset.h"
#include "wta/model.h"

namespace wta {

/// The `count` most used atoms of a model, most used first.
void draw_filters(const std::filesystem::path& path, const Model& model, std::int64_t count = 1024);

/// The first 20 samples above their reconstructions from codes over the thresholds.
void draw_first_reconstructions(const Context& context, const std::filesystem::path& path, const Model& model,
                                const Samples& samples);

}  // namespace wta
