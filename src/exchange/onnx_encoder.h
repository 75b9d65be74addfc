#pragma once
#include <string>

#include "wta/model.h"

namespace wta {

/// What encode() computes, as an ONNX model: input `x` float32 [N, sample shape], values as wta reads them
/// (images in 0..1); output `codes` float32 [N, code_size]. Preprocessing, every stage below the chosen ones
/// and pooling are inside. Throws InvalidArgument when the model would be larger than the format allows (2
/// GB), or has no such stage.
[[nodiscard]] std::string to_onnx(const Model& model, const StageChoice& choice);

}  // namespace wta
