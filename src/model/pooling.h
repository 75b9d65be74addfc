#pragma once
#include <string>

#include "wta/model.h"

namespace wta {

/// "5/3" -> {5, 3}, "off" -> none. Throws InvalidArgument for another text.
[[nodiscard]] Pooling parse_pool(const std::string& text);

/// `auto` replaced by what suits the maps; "off" for fc. Throws InvalidArgument when the pooling does not fit
/// the maps: a window larger than the map, a stride larger than the window, any pooling of an fc layer.
[[nodiscard]] std::string resolve_pool(const std::string& text, bool convolutional,
                                       const Shape& sample_shape);

/// ceil(extent / stride); the extent itself without pooling.
[[nodiscard]] std::int64_t pooled_extent(const Pooling& pooling, std::int64_t extent);

}  // namespace wta
