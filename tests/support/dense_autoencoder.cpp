#include "support/dense_autoencoder.h"

#include <algorithm>
#include <cmath>

namespace wta::testing_support {
namespace {

double apply(Activation activation, double x) {
  if (activation == Activation::identity) return x;
  return activation == Activation::sigmoid ? 1 / (1 + std::exp(-x)) : std::max(0.0, x);
}

// Derivative where the output is h.
double slope(Activation activation, double h) {
  if (activation == Activation::identity) return 1;
  return activation == Activation::sigmoid ? h * (1 - h) : static_cast<double>(h > 0);
}

}  // namespace

Activation DenseAutoencoder::activation_of(std::size_t layer) const {
  return layer + 1 == layers_ ? activation_ : Activation::relu;
}

DenseAutoencoder::DenseAutoencoder(const Autoencoder& network)
    : layers_(network.encoder.size()),
      kl_(network.kl),
      activation_(network.activation),
      tied_(network.tied()),
      decoder_(tied_ ? 2 * layers_ - 2 : 2 * layers_) {
  for (const EncoderLayer& layer : network.encoder) {
    parameters_.emplace_back(Dense(layer.weight.matrix()));
    parameters_.emplace_back(as_row(layer.bias));
  }
  if (!tied_) parameters_.emplace_back(Dense(network.decoder_weight.matrix()));
  parameters_.emplace_back(as_row(network.decoder_bias));
}

void DenseAutoencoder::run_encoder(const Dense& x) {
  hidden_.clear();
  for (std::size_t l = 0; l < layers_; ++l) {
    const Dense& input = l == 0 ? x : hidden_[l - 1];
    Dense h(x.rows, weight(l).rows);
    for (std::int64_t n = 0; n < h.rows; ++n) {
      for (std::int64_t u = 0; u < h.cols; ++u) {
        double sum = bias(l).at(0, u);
        for (std::int64_t d = 0; d < input.cols; ++d) sum += weight(l).at(u, d) * input.at(n, d);
        h.at(n, u) = apply(activation_of(l), sum);
      }
    }
    hidden_.push_back(std::move(h));
  }
}

double DenseAutoencoder::step(ConstMatrixView<float> x, const Winners<float>& winners, double gain) {
  return step(x, x, winners, gain);
}

double DenseAutoencoder::step(ConstMatrixView<float> input, ConstMatrixView<float> wanted,
                              const Winners<float>& winners, double gain) {
  Dense mask(input.rows, winners.units);
  for (std::int64_t u = 0; u < winners.units; ++u) {
    for (auto w = winners.offsets[static_cast<std::size_t>(u)];
         w < winners.offsets[static_cast<std::size_t>(u) + 1]; ++w) {
      mask.at(winners.sample[static_cast<std::size_t>(w)], u) = gain;
    }
  }
  return step_masked(Dense(input), Dense(wanted), mask);
}

double DenseAutoencoder::dense_step(ConstMatrixView<float> x, ConstMatrixView<float> target) {
  Dense mask(x.rows, parameters_[2 * layers_ - 1].value.cols);
  std::ranges::fill(mask.values, 1.0);
  return step_masked(Dense(x), Dense(target), mask);
}

double DenseAutoencoder::step_masked(const Dense& x, const Dense& target, const Dense& mask) {
  run_encoder(x);
  clear_gradients(parameters_);
  Dense& atoms = parameters_[decoder_].value;
  Dense& grad_atoms = parameters_[decoder_].gradient;
  Dense& decoder_bias = parameters_.back().value;
  Dense grad(x.rows, mask.cols);
  double loss = 0;
  const double scale = 1.0 / static_cast<double>(x.rows);
  for (std::int64_t n = 0; n < x.rows; ++n) {
    for (std::int64_t d = 0; d < x.cols; ++d) {
      double reconstruction = decoder_bias.at(0, d);
      for (std::int64_t u = 0; u < atoms.rows; ++u) {
        reconstruction += mask.at(n, u) * hidden_.back().at(n, u) * atoms.at(u, d);
      }
      const double residual = reconstruction - target.at(n, d);
      loss += 0.5 * residual * residual * scale;
      parameters_.back().gradient.at(0, d) += scale * residual;
      for (std::int64_t u = 0; u < atoms.rows; ++u) {
        const double z = mask.at(n, u) * hidden_.back().at(n, u);
        grad_atoms.at(u, d) += scale * residual * z;
        grad.at(n, u) += scale * residual * atoms.at(u, d) * mask.at(n, u);
      }
    }
  }
  loss += add_penalty(grad);
  backward_encoder(x, std::move(grad));
  return loss;
}

double DenseAutoencoder::add_penalty(Dense& grad) const {
  double penalty = 0;
  for (std::int64_t u = 0; u < grad.cols && kl_.weight > 0; ++u) {
    const double samples = static_cast<double>(grad.rows);
    const double rho = kl_.target;
    double mean = 0;
    for (std::int64_t n = 0; n < grad.rows; ++n) mean += hidden_.back().at(n, u) / samples;
    penalty += kl_.weight * (rho * std::log(rho / mean) + (1 - rho) * std::log((1 - rho) / (1 - mean)));
    for (std::int64_t n = 0; n < grad.rows; ++n) {
      grad.at(n, u) += kl_.weight * ((1 - rho) / (1 - mean) - rho / mean) / samples;
    }
  }
  return penalty;
}

// grad: gradient at the last layer's output, zero where nothing won.
void DenseAutoencoder::backward_encoder(const Dense& x, Dense grad) {
  for (std::size_t l = layers_; l-- > 0;) {
    const Dense& input = l == 0 ? x : hidden_[l - 1];
    Dense below(input.rows, input.cols);
    for (std::int64_t n = 0; n < grad.rows; ++n) {
      for (std::int64_t u = 0; u < grad.cols; ++u) {
        const double g = grad.at(n, u) * slope(activation_of(l), hidden_[l].at(n, u));
        parameters_[2 * l + 1].gradient.at(0, u) += g;
        for (std::int64_t d = 0; d < input.cols; ++d) {
          parameters_[2 * l].gradient.at(u, d) += g * input.at(n, d);
          below.at(n, d) += g * weight(l).at(u, d);
        }
      }
    }
    grad = std::move(below);
  }
}

}  // namespace wta::testing_support
