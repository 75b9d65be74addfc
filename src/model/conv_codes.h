#pragma once
/// Test time of a convolutional stage: codes and reconstructions of single samples.

#include "wta/context.h"
#include "wta/model.h"

namespace wta {

/// ReLU maps, max-pooled and flattened as [py][px][map]. x [N, H*W*C] -> codes [N, py*px*maps] (assigns).
void encode_maps(const Context& context, const Stage& stage, ConstMatrixView<float> x,
                 MatrixView<float> codes);

/// The atoms of the activations above their map's threshold (with spatial sparsity: of each map's largest
/// activation), pasted. x [N, H*W*C] -> out [N, H*W*C] (assigns).
void reconstruct_maps(const Context& context, const Stage& stage, ConstMatrixView<float> x,
                      MatrixView<float> out);

}  // namespace wta
