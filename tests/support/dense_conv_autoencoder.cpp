#include "support/dense_conv_autoencoder.h"

#include <algorithm>
#include <limits>

namespace wta::testing_support {
namespace {

// Calls visit(column of a filter row, y, x, c) for each value under the filter around (y, x) that lies
// inside.
template <class Visit>
void for_each_tap(const DenseMaps& maps, std::int64_t kernel, std::int64_t y, std::int64_t x,
                  const Visit& visit) {
  const std::int64_t radius = (kernel - 1) / 2;
  for (std::int64_t i = 0; i < kernel; ++i) {
    for (std::int64_t j = 0; j < kernel; ++j) {
      if (!maps.inside(y + i - radius, x + j - radius)) continue;
      for (std::int64_t c = 0; c < maps.channels; ++c)
        visit((i * kernel + j) * maps.channels + c, y + i - radius, x + j - radius, c);
    }
  }
}

// Calls visit(n, y, x, map) for every value of the maps.
template <class Visit>
void for_each_value(const DenseMaps& maps, const Visit& visit) {
  for (std::int64_t n = 0; n < maps.samples; ++n) {
    for (std::int64_t y = 0; y < maps.height; ++y) {
      for (std::int64_t x = 0; x < maps.width; ++x) {
        for (std::int64_t u = 0; u < maps.channels; ++u) visit(n, y, x, u);
      }
    }
  }
}

DenseMaps convolve(const DenseMaps& in, const Dense& weight, const Dense& bias, std::int64_t kernel) {
  DenseMaps h(in.samples, in.height, in.width, weight.rows);
  for_each_value(h, [&](std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t u) {
    double sum = bias.at(0, u);
    for_each_tap(in, kernel, y, x,
                 [&](std::int64_t column, std::int64_t yy, std::int64_t xx, std::int64_t c) {
                   sum += weight.at(u, column) * in.at(n, yy, xx, c);
                 });
    h.at(n, y, x, u) = std::max(0.0, sum);
  });
  return h;
}

}  // namespace

DenseMaps::DenseMaps(ConstMatrixView<float> rows, const Shape& shape)
    : DenseMaps(rows.rows, shape[0], shape[1], shape[2]) {
  for (std::int64_t n = 0; n < rows.rows; ++n) {
    for (std::int64_t d = 0; d < rows.cols; ++d)
      values[static_cast<std::size_t>(n * rows.cols + d)] = static_cast<double>(rows(n, d));
  }
}

DenseMaps max_pool(const DenseMaps& maps, const Pooling& pooling) {
  if (pooling.window == 0) return maps;
  const auto pooled = [&](std::int64_t extent) { return (extent + pooling.stride - 1) / pooling.stride; };
  DenseMaps out(maps.samples, pooled(maps.height), pooled(maps.width), maps.channels);
  for_each_value(out, [&](std::int64_t n, std::int64_t py, std::int64_t px, std::int64_t u) {
    double& largest = out.at(n, py, px, u);
    largest = -std::numeric_limits<double>::infinity();
    for (std::int64_t i = 0; i < pooling.window; ++i) {
      for (std::int64_t j = 0; j < pooling.window; ++j) {
        const std::int64_t y = py * pooling.stride + i;
        const std::int64_t x = px * pooling.stride + j;
        if (maps.inside(y, x)) largest = std::max(largest, maps.at(n, y, x, u));
      }
    }
  });
  return out;
}

DenseConvAutoencoder::DenseConvAutoencoder(const Autoencoder& network)
    : input_(network.input_shape), units_(network.units()) {
  for (const EncoderLayer& layer : network.encoder) {
    kernels_.push_back(layer.weight.shape()[1]);
    parameters_.emplace_back(Dense(layer.weight.matrix()));
    parameters_.emplace_back(as_row(layer.bias));
  }
  kernels_.push_back(network.decoder_weight.shape()[1]);
  parameters_.emplace_back(Dense(network.decoder_weight.matrix()));
  parameters_.emplace_back(as_row(network.decoder_bias));
}

const DenseMaps& DenseConvAutoencoder::encode(ConstMatrixView<float> x) {
  maps_ = {DenseMaps(x, input_)};
  for (std::size_t l = 0; l + 1 < kernels_.size(); ++l)
    maps_.push_back(convolve(maps_.back(), weight(l), bias(l), kernels_[l]));
  return maps_.back();
}

DenseMaps DenseConvAutoencoder::decode(const DenseMaps& h) const {
  const Dense& atoms = weight(kernels_.size() - 1);
  DenseMaps out(h.samples, input_[0], input_[1], input_[2]);
  for_each_value(out, [&](std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) {
    out.at(n, y, x, c) = parameters_.back().value.at(0, c);
  });
  for_each_value(h, [&](std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t u) {
    const double value = h.at(n, y, x, u);
    if (value == 0) return;
    for_each_tap(out, kernels_.back(), y, x,
                 [&](std::int64_t column, std::int64_t yy, std::int64_t xx, std::int64_t c) {
                   out.at(n, yy, xx, c) += value * atoms.at(u, column);
                 });
  });
  return out;
}

double DenseConvAutoencoder::step(ConstMatrixView<float> x, const DenseMaps& mask) {
  clear_gradients(parameters_);
  DenseMaps z = encode(x);
  for (std::size_t i = 0; i < z.values.size(); ++i) z.values[i] *= mask.values[i];
  DenseMaps residual = decode(z);
  const double scale = 1.0 / static_cast<double>(x.rows);
  double loss = 0;
  for_each_value(residual, [&](std::int64_t n, std::int64_t y, std::int64_t xx, std::int64_t c) {
    double& r = residual.at(n, y, xx, c);
    r -= maps_.front().at(n, y, xx, c);
    loss += 0.5 * scale * r * r;
    r *= scale;
    parameters_.back().gradient.at(0, c) += r;
  });
  const Dense& atoms = weight(kernels_.size() - 1);
  Dense& grad_atoms = parameters_[2 * (kernels_.size() - 1)].gradient;
  DenseMaps grad(z.samples, z.height, z.width, z.channels);
  for_each_value(z, [&](std::int64_t n, std::int64_t y, std::int64_t xx, std::int64_t u) {
    if (mask.at(n, y, xx, u) == 0) return;
    for_each_tap(residual, kernels_.back(), y, xx,
                 [&](std::int64_t column, std::int64_t ty, std::int64_t tx, std::int64_t c) {
                   grad_atoms.at(u, column) += z.at(n, y, xx, u) * residual.at(n, ty, tx, c);
                   grad.at(n, y, xx, u) += atoms.at(u, column) * residual.at(n, ty, tx, c);
                 });
  });
  backward_encoder(std::move(grad));
  return loss;
}

// grad: gradient at the last layer's output, zero where nothing won.
void DenseConvAutoencoder::backward_encoder(DenseMaps grad) {
  for (std::size_t l = kernels_.size() - 1; l-- > 0;) {
    const DenseMaps& in = maps_[l];
    DenseMaps below(in.samples, in.height, in.width, in.channels);
    for_each_value(grad, [&](std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t u) {
      const double g = grad.at(n, y, x, u);
      if (maps_[l + 1].at(n, y, x, u) <= 0 || g == 0) return;
      parameters_[2 * l + 1].gradient.at(0, u) += g;
      for_each_tap(in, kernels_[l], y, x,
                   [&](std::int64_t column, std::int64_t ty, std::int64_t tx, std::int64_t c) {
                     parameters_[2 * l].gradient.at(u, column) += g * in.at(n, ty, tx, c);
                     below.at(n, ty, tx, c) += g * weight(l).at(u, column);
                   });
    });
    grad = std::move(below);
  }
}

DenseMaps DenseConvAutoencoder::mask_of(const Winners<float>& winners) const {
  DenseMaps mask(winners.samples, input_[0], input_[1], units_);
  for (std::int64_t u = 0; u < winners.units; ++u) {
    for (std::int64_t i = winners.offsets[static_cast<std::size_t>(u)];
         i < winners.offsets[static_cast<std::size_t>(u) + 1]; ++i) {
      const auto w = static_cast<std::size_t>(i);
      mask.at(winners.sample[w], winners.position[w] / mask.width, winners.position[w] % mask.width, u) = 1;
    }
  }
  return mask;
}

DenseMaps DenseConvAutoencoder::full_mask(std::int64_t samples) const {
  DenseMaps mask(samples, input_[0], input_[1], units_);
  std::ranges::fill(mask.values, 1.0);
  return mask;
}

}  // namespace wta::testing_support
