#include "kernels/gemm_onednn.h"
#include "kernels/linear_backward.h"

namespace wta::cpu {

void linear_grad_weight(ConstMatrixView<float> grad_h, ConstMatrixView<float> x, std::int64_t begin,
                        std::int64_t end, MatrixView<float> grad_w) {
  const ConstMatrixView<float> tile(grad_h.data + begin, grad_h.rows, end - begin, grad_h.stride);
  gemm(Transpose::yes, tile, Transpose::no, x, grad_w);
}

void linear_grad_input(ConstMatrixView<float> grad_h, ConstMatrixView<float> w, MatrixView<float> grad_x) {
  gemm(Transpose::no, grad_h, Transpose::no, w, grad_x);
}

}  // namespace wta::cpu
