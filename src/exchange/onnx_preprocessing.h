#pragma once
#include "exchange/onnx_graph.h"
#include "wta/preprocessing.h"

namespace wta {

/// x, flattened to [N, D], after the steps: [N, D]. sample_shape: of x, {D}, {H,W} or {H,W,C}.
OnnxValue add_preprocessing(OnnxGraph& graph, const Preprocessing& preprocessing, const Shape& sample_shape,
                            const OnnxValue& x);

/// ONNX keeps channels first: [N, H*W*C] -> [N, C, H, W], and back.
OnnxValue add_channels_first(OnnxGraph& graph, const OnnxValue& x, const Shape& image);
OnnxValue add_channels_last(OnnxGraph& graph, const OnnxValue& maps, std::int64_t size);

}  // namespace wta
