/// The reference kernels on feature maps as one chain, against central differences in double; and the same
/// gradients from the dense path, which lists every position.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/conv_backward.h"
#include "kernels/conv_chain.h"
#include "kernels/patch_gradient.h"
#include "kernels/patch_weights.h"
#include "kernels/storing_sink.h"

namespace wta {
namespace {

using testing::ConvChain;
using testing::Maps;

constexpr double kScale = 1.0 / ConvChain::kSamples;

struct ConvChainGradients {
  Tensor<double> encoder{Shape{ConvChain::kUnits, ConvChain::kKernel* ConvChain::kKernel* ConvChain::kLower}};
  Tensor<double> decoder{
      Shape{ConvChain::kUnits, ConvChain::kAtomKernel* ConvChain::kAtomKernel* ConvChain::kChannels}};
  Tensor<double> bias{Shape{ConvChain::kUnits}};
  Tensor<double> lower_weight{
      Shape{ConvChain::kLower, ConvChain::kLowerKernel* ConvChain::kLowerKernel* ConvChain::kChannels}};
  Tensor<double> lower_bias{Shape{ConvChain::kLower}};
  Tensor<double> decoder_bias{Shape{ConvChain::kChannels}};
};

/// Lists of touched positions, and their memory.
struct Touched {
  Tensor<std::int32_t> position{Shape{ConvChain::kSamples, ConvChain::kHeight* ConvChain::kWidth}};
  std::vector<std::int64_t> count = std::vector<std::int64_t>(ConvChain::kSamples);
  [[nodiscard]] PositionLists lists() const { return {position.matrix(), count}; }
};

/// The layer below the competing one, from the gradient that it was sent.
void backward_below(const ConvChain& chain, Maps<double> grad_lower, ConvChainGradients& out) {
  Touched touched;
  const Maps<double> lower = chain.lower(chain.lower_sums());
  reference::mask_touched<double>(lower.view(), grad_lower.view(), touched.position.matrix(), touched.count);
  reference::conv_grad_weight<double>({grad_lower.view(), touched.lists()}, chain.x.view(),
                                      ConvChain::kLowerKernel, 0, ConvChain::kLower,
                                      out.lower_weight.matrix(), out.lower_bias.span());
}

void backward_decoder_bias(const Maps<double>& residual, ConvChainGradients& out) {
  for (std::int64_t n = 0; n < ConvChain::kSamples; ++n) {
    for (std::int64_t p = 0; p < residual.shape.positions(); ++p) {
      for (std::int64_t c = 0; c < ConvChain::kChannels; ++c) {
        out.decoder_bias[c] += kScale * residual.view().patch(n, p, 1)[c];
      }
    }
  }
}

ConvChainGradients backward_sparse(const ConvChain& chain, const Winners<double>& winners) {
  ConvChainGradients out;
  const Maps<double> lower = chain.lower(chain.lower_sums());
  const Maps<double> residual = chain.residual(winners);
  std::vector<double> gradient(winners.value.size());
  reference::gradient_at_patches<double>(winners, chain.decoder.matrix(), ConvChain::kAtomKernel,
                                         residual.view(), kScale, 0, ConvChain::kSamples, gradient);
  testing::StoringSink<double> sink;
  const PatchTerms<double> encoder{gradient, lower.view(), ConvChain::kKernel, 1};
  const PatchTerms<double> decoder{winners.value, residual.view(), ConvChain::kAtomKernel, kScale};
  reference::patch_weight_gradients<double>(winners, encoder, decoder, 0, ConvChain::kUnits, {0, 1}, sink,
                                            out.bias.span());
  for (std::int64_t u = 0; u < ConvChain::kUnits; ++u) {
    std::ranges::copy(sink.rows.at({0, u}), out.encoder.matrix().row(u));
    std::ranges::copy(sink.rows.at({1, u}), out.decoder.matrix().row(u));
  }
  Maps<double> grad_lower(chain.lower_shape, ConvChain::kSamples);
  reference::paste_patches<double>(winners, gradient, chain.encoder.matrix(), ConvChain::kKernel, 0,
                                   ConvChain::kSamples, grad_lower.view());
  backward_below(chain, grad_lower, out);
  backward_decoder_bias(residual, out);
  return out;
}

/// The same from maps that are 0 but at the winners: a deconvolution and dense convolutions.
ConvChainGradients backward_dense(const ConvChain& chain, const Winners<double>& winners) {
  ConvChainGradients out;
  std::vector<std::int32_t> every(static_cast<std::size_t>(chain.image.positions()));
  std::iota(every.begin(), every.end(), 0);
  const std::vector<std::int64_t> count(ConvChain::kSamples, chain.image.positions());
  const PositionLists all{{every.data(), ConvChain::kSamples, chain.image.positions(), 0}, count};
  Maps<double> code(chain.unit_shape, ConvChain::kSamples);
  for (std::int64_t w = 0; w < winners.count(); ++w) {
    code.view().patch(winners.sample[w], winners.position[w], 1)[winners.unit[w]] = winners.value[w];
  }
  Maps<double> residual =
      chain.residual({.units = ConvChain::kUnits,
                      .samples = ConvChain::kSamples,
                      .sample_offsets = std::vector<std::int64_t>(ConvChain::kSamples + 1)});
  reference::conv_grad_input<double>({code.view(), all}, chain.decoder.matrix(), ConvChain::kAtomKernel,
                                     residual.view());
  clear_frame(residual.view());
  for (double& r : residual.values) r *= kScale;
  Tensor<double> unused({ConvChain::kUnits});
  reference::conv_grad_weight<double>({code.view(), all}, residual.view(), ConvChain::kAtomKernel, 0,
                                      ConvChain::kUnits, out.decoder.matrix(), unused.span());
  const Tensor<double> zero({ConvChain::kUnits});
  Maps<double> grad_code = convolve(residual, chain.decoder, zero, ConvChain::kAtomKernel, chain.unit_shape);
  for (std::size_t i = 0; i < code.values.size(); ++i) {
    if (code.values[i] == 0) grad_code.values[i] = 0;
  }
  const Maps<double> lower = chain.lower(chain.lower_sums());
  reference::conv_grad_weight<double>({grad_code.view(), all}, lower.view(), ConvChain::kKernel, 0,
                                      ConvChain::kUnits, out.encoder.matrix(), out.bias.span());
  Maps<double> grad_lower(chain.lower_shape, ConvChain::kSamples);
  reference::conv_grad_input<double>({grad_code.view(), all}, chain.encoder.matrix(), ConvChain::kKernel,
                                     grad_lower.view());
  backward_below(chain, grad_lower, out);
  return out;
}

class ConvChainGradient : public ::testing::TestWithParam<std::int64_t> {
 protected:
  /// Central differences of every element of a parameter of `chain`.
  void expect_gradient(Tensor<double>& parameter, const Tensor<double>& gradient) {
    constexpr double kStep = 1e-5;
    ASSERT_EQ(parameter.size(), gradient.size());
    for (std::int64_t i = 0; i < parameter.size(); ++i) {
      const double before = parameter[i];
      parameter[i] = before + kStep;
      const double above = chain.loss(frozen, signs);
      parameter[i] = before - kStep;
      const double below = chain.loss(frozen, signs);
      parameter[i] = before;
      const double expected = (above - below) / (2 * kStep);
      EXPECT_NEAR(gradient[i], expected, 1e-6 * std::max(1e-2, std::abs(expected))) << "at " << i;
    }
  }
  ConvChain chain;
  const Maps<double> signs = chain.lower_sums();
  const Winners<double> frozen = chain.compete(GetParam());
  const ConvChainGradients found = backward_sparse(chain, frozen);
};

TEST_P(ConvChainGradient, EncoderRowsAreTheDerivativeOfTheLoss) {
  ASSERT_GT(frozen.count(), ConvChain::kUnits);
  expect_gradient(chain.encoder, found.encoder);
}

TEST_P(ConvChainGradient, DecoderRowsAreTheDerivativeOfTheLoss) {
  expect_gradient(chain.decoder, found.decoder);
}

TEST_P(ConvChainGradient, BiasesAreTheDerivativeOfTheLoss) {
  expect_gradient(chain.bias, found.bias);
  expect_gradient(chain.decoder_bias, found.decoder_bias);
}

TEST_P(ConvChainGradient, LayerBelowIsTheDerivativeOfTheLoss) {
  expect_gradient(chain.lower_weight, found.lower_weight);
  expect_gradient(chain.lower_bias, found.lower_bias);
}

TEST_P(ConvChainGradient, DensePathHasTheSameGradients) {
  const ConvChainGradients dense = backward_dense(chain, frozen);
  testing::expect_close(dense.encoder.span(), found.encoder.span(), 1e-12);
  testing::expect_close(dense.decoder.span(), found.decoder.span(), 1e-12);
  testing::expect_close(dense.bias.span(), found.bias.span(), 1e-12);
  testing::expect_close(dense.lower_weight.span(), found.lower_weight.span(), 1e-12);
  testing::expect_close(dense.lower_bias.span(), found.lower_bias.span(), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Competition, ConvChainGradient, ::testing::Values(ConvChain::kSamples, 3),
                         [](const auto& lifetime) { return lifetime.param == 3 ? "Lifetime" : "Spatial"; });

}  // namespace
}  // namespace wta
