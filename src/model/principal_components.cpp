#include "model/principal_components.h"

#include <Eigen/Dense>
#include <cmath>

#include "model/whitening.h"
#include "wta/model.h"

namespace wta {

ComponentVariance find_principal_components(const Context& context, const SampleReader& samples,
                                            Autoencoder& network) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const std::int64_t size = network.inputs();
  const Covariance covariance = covariance_of(context, samples.count, size, samples.read);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(
      Eigen::Map<const Matrix>(covariance.matrix.data(), size, size));
  const MatrixView<float> weight = network.encoder.front().weight.matrix();
  ComponentVariance variance{.all = solver.eigenvalues().sum()};
  for (std::int64_t u = 0; u < weight.rows; ++u) {
    const std::int64_t column = size - 1 - u;  // the solver's eigenvalues ascend
    const Eigen::VectorXd direction = solver.eigenvectors().col(column);
    Eigen::Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    const double sign = direction[largest] < 0 ? -1 : 1;
    for (std::int64_t d = 0; d < size; ++d) weight(u, d) = static_cast<float>(sign * direction[d]);
    variance.kept += solver.eigenvalues()[column];
  }
  centre_on(network, covariance.mean);
  return variance;
}

}  // namespace wta
