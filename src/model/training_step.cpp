#include "model/training_step.h"

#include <algorithm>

#include "core/parallel.h"
#include "kernels/linear_relu.h"
#include "model/conv_training_step.h"
#include "model/dense_conv_training_step.h"
#include "model/dense_fc_training_step.h"
#include "model/fc_training_step.h"
#include "model/rbm_training_step.h"

namespace wta {

namespace {

std::unique_ptr<TrainingStep> make_fc_step(const Context& context, Autoencoder& network) {
  const bool dense = network.activation != Activation::relu && network.k_sparse.k == 0;
  if (dense) return std::make_unique<DenseFcTrainingStep>(context, network);
  return std::make_unique<FcTrainingStep>(context, network);
}

}  // namespace

std::unique_ptr<TrainingStep> make_training_step(const Context& context, Autoencoder& network) {
  if (network.rbm()) return std::make_unique<RbmTrainingStep>(context, network);
  if (!network.convolutional()) return make_fc_step(context, network);
  const bool competes = network.spatial || !network.lifetime.off;
  if (competes) return std::make_unique<ConvTrainingStep>(context, network);
  return std::make_unique<DenseConvTrainingStep>(context, network);
}

void summarise(const Winners<float>& winners, UnitActivity& activity) {
  const auto units = static_cast<std::size_t>(winners.units);
  activity.wins.resize(units);
  activity.smallest.resize(units);
  for (std::int64_t u = 0; u < winners.units; ++u) {
    const auto first = winners.value.begin() + winners.offsets[static_cast<std::size_t>(u)];
    const auto last = winners.value.begin() + winners.offsets[static_cast<std::size_t>(u) + 1];
    activity.wins[static_cast<std::size_t>(u)] = last - first;
    if (first != last) activity.smallest[static_cast<std::size_t>(u)] = *std::min_element(first, last);
  }
}

double squares_of(std::span<const float> values) {
  double lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8) {
    for (std::size_t l = 0; l < 8; ++l) {
      const double v = values[i + l];
      lanes[l] += v * v;
    }
  }
  for (; i < values.size(); ++i) lanes[0] += static_cast<double>(values[i]) * values[i];
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

double sum_of_squares(const Context& context, ConstMatrixView<float> matrix, std::span<double> of_rows) {
  parallel_for_tiles(context, matrix.rows, kSampleTile, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      of_rows[static_cast<std::size_t>(n)] = squares_of(matrix.row_span(n));
    }
  });
  double sum = 0;
  for (const double squares : of_rows) sum += squares;
  return sum;
}

void column_sums(ConstMatrixView<float> matrix, float scale, std::int64_t begin, std::int64_t end,
                 float* sums) {
  std::fill(sums + begin, sums + end, 0.0F);
  for (std::int64_t n = 0; n < matrix.rows; ++n) {
    const float* row = matrix.row(n);
    for (std::int64_t d = begin; d < end; ++d) sums[d] += row[d];
  }
  for (std::int64_t d = begin; d < end; ++d) sums[d] *= scale;
}

}  // namespace wta
