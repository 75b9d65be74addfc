#pragma once
/// The architecture string: "2000fc", "1000fc-2000fc", "128conv5-128conv5-128deconv11".

#include <cstdint>
#include <string>
#include <vector>

namespace wta {

enum class LayerKind { fc, conv };

/// One encoder layer: units of an fc layer, feature maps of a conv layer.
struct LayerSpec {
  LayerKind kind = LayerKind::fc;
  std::int64_t units = 0;
  std::int64_t kernel = 0;  ///< side of a filter, odd; 0 for fc
  bool operator==(const LayerSpec&) const = default;
};

/// Encoder layers first to last, all of one kind, and the side of the deconvolution's filters (fc: 0, the
/// linear decoder is implied).
struct Architecture {
  std::vector<LayerSpec> encoder;
  std::int64_t decoder_kernel = 0;

  [[nodiscard]] bool convolutional() const { return encoder.front().kind == LayerKind::conv; }
};

/// Throws InvalidArgument with the rule that the text breaks: a conv layer needs an odd kernel, the maps of
/// the one deconv at the end are those of the last conv, and kinds do not mix.
[[nodiscard]] Architecture parse_architecture(const std::string& text);

}  // namespace wta
