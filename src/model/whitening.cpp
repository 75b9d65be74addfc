#include "model/whitening.h"

#include <Eigen/Dense>
#include <algorithm>

#include "core/parallel.h"
#include "kernels/gemm_onednn.h"

namespace wta {
namespace {

constexpr std::int64_t kSampleBlock = 1024;
constexpr std::int64_t kFeatureTile = 256;

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class Take>
void for_each_block(std::int64_t count, std::int64_t size,
                    const std::function<void(std::int64_t, MatrixView<float>)>& read, const Take& take) {
  Tensor<float> block({std::min(kSampleBlock, count), size});
  for (std::int64_t begin = 0; begin < count; begin += kSampleBlock) {
    const MatrixView<float> x = block.matrix().row_range(0, std::min(kSampleBlock, count - begin));
    read(begin, x);
    take(x);
  }
}

void subtract(std::span<const double> mean, MatrixView<float> x) {
  for (std::int64_t n = 0; n < x.rows; ++n) {
    for (std::int64_t d = 0; d < x.cols; ++d)
      x(n, d) -= static_cast<float>(mean[static_cast<std::size_t>(d)]);
  }
}

// The upper triangle of sums += x^T x, by tiles of rows.
void add_products(const Context& context, ConstMatrixView<float> x, MatrixView<double> sums) {
  parallel_for_tiles(context, x.cols, kFeatureTile, [&](std::int64_t begin, std::int64_t end) {
    Tensor<float> product({end - begin, x.cols - begin});
    const ConstMatrixView<float> left(x.data + begin, x.rows, end - begin, x.stride);
    const ConstMatrixView<float> right(x.data + begin, x.rows, x.cols - begin, x.stride);
    cpu::gemm(cpu::Transpose::yes, left, cpu::Transpose::no, right, product.matrix());
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::int64_t j = i; j < x.cols; ++j)
        sums(i, j) += static_cast<double>(product.matrix()(i - begin, j - begin));
    }
  });
}

}  // namespace

Covariance covariance_of(const Context& context, std::int64_t count, std::int64_t size,
                         const std::function<void(std::int64_t, MatrixView<float>)>& read) {
  Covariance result{.mean = std::vector<double>(static_cast<std::size_t>(size)),
                    .matrix = Tensor<double>({size, size})};
  for_each_block(count, size, read, [&](ConstMatrixView<float> x) {
    for (std::int64_t n = 0; n < x.rows; ++n) {
      for (std::int64_t d = 0; d < size; ++d)
        result.mean[static_cast<std::size_t>(d)] += static_cast<double>(x(n, d));
    }
  });
  for (double& sum : result.mean) sum /= static_cast<double>(count);
  const MatrixView<double> sums = result.matrix.matrix();
  for_each_block(count, size, read, [&](MatrixView<float> x) {
    subtract(result.mean, x);
    add_products(context, x, sums);
  });
  for (std::int64_t i = 0; i < size; ++i) {
    for (std::int64_t j = i; j < size; ++j) sums(j, i) = sums(i, j) /= static_cast<double>(count);
  }
  return result;
}

Tensor<double> whitening_matrix(const Tensor<double>& matrix, double epsilon) {
  const std::int64_t size = matrix.row_count();
  const Eigen::Map<const Matrix> covariance(matrix.data(), size, size);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);
  const Eigen::VectorXd scale = (solver.eigenvalues().array().max(0.0) + epsilon).rsqrt().matrix();
  Tensor<double> result({size, size});
  Eigen::Map<Matrix>(result.data(), size, size).noalias() =
      solver.eigenvectors() * scale.asDiagonal() * solver.eigenvectors().transpose();
  return result;
}

}  // namespace wta
