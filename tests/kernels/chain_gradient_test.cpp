/// The reference kernels as one chain, against central differences in double: the gradient that leads
/// the training is the gradient of the loss, with the winners (and so the signs of the rectifier) frozen.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "kernels/accumulate_atoms.h"
#include "kernels/kernel_cases.h"
#include "kernels/lifetime_selection.h"
#include "kernels/linear_backward.h"
#include "kernels/linear_relu.h"
#include "kernels/storing_sink.h"
#include "kernels/winner_gradient.h"
#include "kernels/winner_weights.h"

namespace wta {
namespace {

using testing::random_tensor;

/// A linear + rectifier layer, the competing layer above it, and a linear decoder towards `target`.
struct Chain {
  static constexpr std::int64_t kSamples = 7;
  static constexpr std::int64_t kInputs = 5;
  static constexpr std::int64_t kLower = 6;
  static constexpr std::int64_t kUnits = 8;
  static constexpr std::int64_t kWinners = 3;

  Tensor<double> x = random_tensor<double>({kSamples, kInputs}, 1);
  Tensor<double> target = random_tensor<double>({kSamples, kLower}, 2);
  Tensor<double> lower_weight = random_tensor<double>({kLower, kInputs}, 3);
  Tensor<double> lower_bias = random_tensor<double>({kLower}, 4);
  Tensor<double> encoder = random_tensor<double>({kUnits, kLower}, 5);
  Tensor<double> bias = random_tensor<double>({kUnits}, 6);
  Tensor<double> decoder = random_tensor<double>({kUnits, kLower}, 7);
  bool tied = false;

  [[nodiscard]] const Tensor<double>& atoms() const { return tied ? encoder : decoder; }

  [[nodiscard]] Tensor<double> lower() const {
    Tensor<double> h({kSamples, kLower});
    reference::linear_relu_by_sample<double>(lower_weight.matrix(), lower_bias.span(), x.matrix(),
                                             h.matrix());
    return h;
  }

  [[nodiscard]] Winners<double> compete() const {
    Tensor<double> h({kUnits, kSamples});
    reference::linear_relu_by_unit<double>(encoder.matrix(), bias.span(), lower().matrix(), h.matrix());
    Tensor<std::int32_t> sample({kUnits, kWinners});
    Tensor<double> value({kUnits, kWinners});
    std::vector<std::int64_t> count(kUnits);
    reference::select_lifetime<double>(h.matrix(), kWinners, sample.matrix(), value.matrix(), count);
    Winners<double> winners;
    winners.units = kUnits;
    winners.samples = kSamples;
    winners.offsets.push_back(0);
    for (std::int64_t u = 0; u < kUnits; ++u) {
      for (std::int64_t i = 0; i < count[u]; ++i) {
        winners.sample.push_back(sample.matrix()(u, i));
        winners.value.push_back(value.matrix()(u, i));
      }
      winners.offsets.push_back(winners.count());
    }
    winners.index_by_sample();
    return winners;
  }

  /// The winners' values of the present weights, for given winners.
  [[nodiscard]] Winners<double> revalue(Winners<double> winners) const {
    const Tensor<double> h = lower();
    for (std::int64_t w = 0; w < winners.count(); ++w) {
      double sum = bias[winners.unit[w]];
      for (std::int64_t d = 0; d < kLower; ++d) {
        sum += encoder.matrix()(winners.unit[w], d) * h.matrix()(winners.sample[w], d);
      }
      winners.value[w] = sum;
    }
    return winners;
  }

  [[nodiscard]] Tensor<double> residual(const Winners<double>& winners) const {
    Tensor<double> out = target;
    for (double& v : out.span()) v = -v;
    reference::accumulate_atoms<double>(winners, winners.value, atoms().matrix(), 0, kLower, out.matrix());
    return out;
  }

  /// Half the squared error, mean over samples, with the given winners.
  [[nodiscard]] double loss(const Winners<double>& frozen) const {
    double sum = 0;
    const Tensor<double> difference = residual(revalue(frozen));
    for (const double r : difference.span()) sum += r * r;
    return 0.5 * sum / kSamples;
  }
};

struct ChainGradients {
  testing::StoringSink<double> rows;  ///< parameter 0 encoder, 1 decoder
  std::vector<double> bias = std::vector<double>(Chain::kUnits);
  Tensor<double> lower_weight{Shape{Chain::kLower, Chain::kInputs}};
};

ChainGradients backward(const Chain& chain, const Winners<double>& winners) {
  ChainGradients out;
  constexpr double kScale = 1.0 / Chain::kSamples;
  const Tensor<double> residual = chain.residual(winners);
  const Tensor<double> lower = chain.lower();
  std::vector<double> gradient(winners.value.size());
  reference::gradient_at_winners<double>(winners, chain.atoms().matrix(), residual.matrix(), kScale, 0,
                                         Chain::kUnits, gradient);
  const WinnerWeightRows rows{.encoder = 0, .decoder = chain.tied ? 0 : 1};
  reference::winner_weight_gradients<double>(winners, gradient, lower.matrix(), residual.matrix(), kScale, 0,
                                             Chain::kUnits, rows, out.rows, out.bias);
  Tensor<double> grad_lower({Chain::kSamples, Chain::kLower});
  reference::accumulate_atoms<double>(winners, gradient, chain.encoder.matrix(), 0, Chain::kLower,
                                      grad_lower.matrix());
  for (std::int64_t i = 0; i < lower.size(); ++i) grad_lower[i] = lower[i] > 0 ? grad_lower[i] : 0;
  reference::linear_grad_weight<double>(grad_lower.matrix(), chain.x.matrix(), 0, Chain::kLower,
                                        out.lower_weight.matrix());
  return out;
}

/// d loss / d parameter[i] by central differences.
double difference(Chain& chain, const Winners<double>& frozen, double& parameter) {
  constexpr double kStep = 1e-5;
  const double before = parameter;
  parameter = before + kStep;
  const double above = chain.loss(frozen);
  parameter = before - kStep;
  const double below = chain.loss(frozen);
  parameter = before;
  return (above - below) / (2 * kStep);
}

class ChainGradient : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    chain.tied = GetParam();
    frozen = chain.compete();
    found = backward(chain, frozen);
  }
  void expect_gradient(Tensor<double>& parameter, const std::function<double(std::int64_t)>& gradient) {
    for (std::int64_t i = 0; i < parameter.size(); ++i) {
      const double expected = difference(chain, frozen, parameter[i]);
      EXPECT_NEAR(gradient(i), expected, 1e-6 * std::max(1e-2, std::abs(expected))) << "at " << i;
    }
  }
  [[nodiscard]] double row_value(std::int64_t parameter, std::int64_t i) const {
    return found.rows.rows.at({parameter, i / Chain::kLower})[i % Chain::kLower];
  }
  Chain chain;
  Winners<double> frozen;
  ChainGradients found;
};

TEST_P(ChainGradient, EncoderRowsAreTheDerivativeOfTheLoss) {
  ASSERT_GT(frozen.count(), Chain::kUnits);
  expect_gradient(chain.encoder, [&](std::int64_t i) { return row_value(0, i); });
}

TEST_P(ChainGradient, DecoderRowsAreTheDerivativeOfTheLoss) {
  if (chain.tied) GTEST_SKIP() << "tied: the encoder's rows hold both";
  expect_gradient(chain.decoder, [&](std::int64_t i) { return row_value(1, i); });
}

TEST_P(ChainGradient, BiasIsTheDerivativeOfTheLoss) {
  expect_gradient(chain.bias, [&](std::int64_t i) { return found.bias[i]; });
}

TEST_P(ChainGradient, WeightsOfTheLayerBelowAreTheDerivativeOfTheLoss) {
  expect_gradient(chain.lower_weight, [&](std::int64_t i) { return found.lower_weight[i]; });
}

INSTANTIATE_TEST_SUITE_P(Weights, ChainGradient, ::testing::Bool(),
                         [](const auto& weights) { return weights.param ? "Tied" : "Untied"; });

}  // namespace
}  // namespace wta
