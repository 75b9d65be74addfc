#include "kernels/gemm_onednn.h"

#include <fmt/format.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>

#include <algorithm>
#include <new>

#include "wta/error.h"

namespace wta::cpu {
namespace {

/// oneDNN starts a team of its own unless it runs inside one of more than one thread: while this
/// lives, a team that the calling thread starts has one member.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

char letter(Transpose transpose) {
  return transpose == Transpose::yes ? 'T' : 'N';
}

// c = op(a) op(b) + kept * c
void multiply(Transpose transpose_a, ConstMatrixView<float> a, Transpose transpose_b,
              ConstMatrixView<float> b, float kept, MatrixView<float> c) {
  const std::int64_t inner = transpose_a == Transpose::yes ? a.rows : a.cols;
  const OneThread one_thread;
  const dnnl_status_t status = dnnl_sgemm(letter(transpose_a), letter(transpose_b), c.rows, c.cols, inner,
                                          1.0F, a.data, a.stride, b.data, b.stride, kept, c.data, c.stride);
  if (status == dnnl_success) return;
  if (status == dnnl_out_of_memory) throw std::bad_alloc();
  throw InternalError(
      fmt::format("gemm: oneDNN must accept every product; got status {} for [{},{}] with inner size {}. "
                  "Try: report this.",
                  static_cast<int>(status), c.rows, c.cols, inner));
}

}  // namespace

void gemm(Transpose transpose_a, ConstMatrixView<float> a, Transpose transpose_b, ConstMatrixView<float> b,
          MatrixView<float> c) {
  if (c.rows == 0 || c.cols == 0) return;
  if (a.rows == 0 || a.cols == 0) {
    for (std::int64_t r = 0; r < c.rows; ++r) std::fill_n(c.row(r), c.cols, 0.0F);
    return;
  }
  multiply(transpose_a, a, transpose_b, b, 0.0F, c);
}

void gemm_add(Transpose transpose_a, ConstMatrixView<float> a, Transpose transpose_b,
              ConstMatrixView<float> b, MatrixView<float> c) {
  if (c.rows == 0 || c.cols == 0 || a.rows == 0 || a.cols == 0) return;
  multiply(transpose_a, a, transpose_b, b, 1.0F, c);
}

bool limit_gemm_isa(std::string_view name) {
  const dnnl_cpu_isa_t isa = name == "avx2" ? dnnl_cpu_isa_avx2 : dnnl_cpu_isa_avx512_core;
  return dnnl_set_max_cpu_isa(isa) == dnnl_success || active_gemm_isa() == name;
}

std::string_view active_gemm_isa() {
  // Each value of dnnl_cpu_isa_t is the set of bits of all that it includes.
  const unsigned isa = dnnl_get_effective_cpu_isa();
  if ((isa & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core) return "avx512";
  if ((isa & dnnl_cpu_isa_avx2) == dnnl_cpu_isa_avx2) return "avx2";
  return "other";
}

}  // namespace wta::cpu
