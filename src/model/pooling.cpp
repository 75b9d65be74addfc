#include "model/pooling.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "wta/error.h"

namespace wta {
namespace {

// Maps at least this wide are pooled 5/3, as the paper's MNIST network; smaller ones 3/2, as its second
// stage.
constexpr std::int64_t kWideMap = 20;
constexpr std::int64_t kNarrowMap = 6;

[[noreturn]] void refuse(const std::string& rule, const std::string& text, const std::string& suggestion) {
  throw InvalidArgument(fmt::format("pool: {}; got '{}'. Try: {}.", rule, text, suggestion));
}

}  // namespace

Pooling parse_pool(const std::string& text) {
  if (text == "off") return {};
  Pooling pooling;
  const char* end = text.data() + text.size();
  const auto window = std::from_chars(text.data(), end, pooling.window);
  const bool slash = window.ec == std::errc{} && window.ptr != end && *window.ptr == '/';
  const auto stride = slash ? std::from_chars(window.ptr + 1, end, pooling.stride) : window;
  if (!slash || stride.ec != std::errc{} || stride.ptr != end) {
    refuse("pooling is WINDOW/STRIDE, off or auto", text, "5/3");
  }
  if (pooling.stride < 1 || pooling.window < pooling.stride) {
    refuse("the stride is at least 1 and at most the window", text, "5/3");
  }
  return pooling;
}

std::string resolve_pool(const std::string& text, bool convolutional, const Shape& sample_shape) {
  if (!convolutional) {
    if (text == "auto" || text == "off") return "off";
    refuse("only feature maps can be pooled", text, "--pool off, or a convolutional --arch");
  }
  const std::int64_t extent = std::min(sample_shape[0], sample_shape[1]);
  if (text == "auto") return extent >= kWideMap ? "5/3" : extent >= kNarrowMap ? "3/2" : "off";
  const Pooling pooling = parse_pool(text);
  if (pooling.window > extent) {
    refuse(fmt::format("the window is at most as large as the map, {}x{}", sample_shape[0], sample_shape[1]),
           text, extent >= 3 ? "3/2" : "off");
  }
  return text;
}

std::int64_t pooled_extent(const Pooling& pooling, std::int64_t extent) {
  return pooling.window == 0 ? extent : (extent + pooling.stride - 1) / pooling.stride;
}

}  // namespace wta
