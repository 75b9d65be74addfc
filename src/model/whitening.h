#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "wta/context.h"
#include "wta/tensor.h"

namespace wta {

/// Mean and covariance of samples, in double.
struct Covariance {
  std::vector<double> mean;  ///< [D]
  Tensor<double> matrix;     ///< [D, D], symmetric; divided by the number of samples
};

/// read(begin, out): samples [begin, begin + out.rows), called twice for each. Products of fixed blocks in
/// float, summed in double in their order: same bits for any number of threads.
[[nodiscard]] Covariance covariance_of(
    const Context& context, std::int64_t count, std::int64_t size,
    const std::function<void(std::int64_t begin, MatrixView<float> out)>& read);

/// (matrix + epsilon I)^(-1/2), [D, D]: what takes samples of that covariance to nearly uncorrelated ones of
/// nearly unit variance with the least change.
[[nodiscard]] Tensor<double> whitening_matrix(const Tensor<double>& matrix, double epsilon);

}  // namespace wta
