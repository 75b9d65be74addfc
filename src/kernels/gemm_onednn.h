#pragma once
/// The only door to oneDNN: its API is named in gemm_onednn.cpp and nowhere else.

#include <string_view>

#include "wta/tensor.h"

namespace wta::cpu {

enum class Transpose { no, yes };

/// c = op(a) op(b), row-major, on the calling thread alone, also when called from outside a team.
/// Requires: op(a) [c.rows, inner], op(b) [inner, c.cols]. A product over nothing (inner = 0) is 0.
/// The bits of an element depend on the shape of the whole product: callers use fixed tiles.
void gemm(Transpose transpose_a, ConstMatrixView<float> a, Transpose transpose_b, ConstMatrixView<float> b,
          MatrixView<float> c);

/// c += op(a) op(b), otherwise like gemm.
void gemm_add(Transpose transpose_a, ConstMatrixView<float> a, Transpose transpose_b,
              ConstMatrixView<float> b, MatrixView<float> c);

/// Keeps oneDNN to "avx2" or "avx512". False if its choice was already made and differs.
[[nodiscard]] bool limit_gemm_isa(std::string_view name);

/// "avx2" or "avx512", or "other" on other processors. Freezes oneDNN's choice.
[[nodiscard]] std::string_view active_gemm_isa();

}  // namespace wta::cpu
