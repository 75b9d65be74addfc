#pragma once
/// Shapes that follow from the architecture.

#include "wta/architecture.h"
#include "wta/model.h"

namespace wta {

/// What the first layer reads: {D} for fc, {H,W,C} for conv.
[[nodiscard]] inline Shape network_input(const Shape& sample_shape, bool convolutional) {
  if (!convolutional) return {element_count(sample_shape)};
  return {sample_shape[0], sample_shape[1], sample_shape.size() == 3 ? sample_shape[2] : 1};
}

/// One row per unit or map: {units, below}, or {maps, k, k, below} for `below` channels.
[[nodiscard]] inline Shape weight_shape(const LayerSpec& layer, std::int64_t below) {
  if (layer.kind == LayerKind::fc) return {layer.units, below};
  return {layer.units, layer.kernel, layer.kernel, below};
}

/// The decoder as a layer: its rows are atoms.
[[nodiscard]] inline LayerSpec decoder_spec(const Architecture& arch) {
  const LayerSpec& last = arch.encoder.back();
  return {.kind = last.kind, .units = last.units, .kernel = arch.decoder_kernel};
}

}  // namespace wta
