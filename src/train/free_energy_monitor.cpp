#include "train/free_energy_monitor.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/parallel.h"
#include "kernels/free_energy.h"

namespace wta {
namespace {

Tensor<float> first_samples(const Samples& samples) {
  constexpr std::int64_t kMost = 1000;
  Tensor<float> first({std::min(kMost, samples.count()), samples.sample_size()});
  samples.read(0, first.matrix());
  return first;
}

double mean_free_energy(const Context& context, const Autoencoder& network, ConstMatrixView<float> v) {
  constexpr std::int64_t kTile = 125;
  const EncoderLayer& layer = network.encoder.front();
  std::vector<double> energy(static_cast<std::size_t>(v.rows));
  parallel_for_tiles(context, v.rows, kTile, [&](std::int64_t begin, std::int64_t end) {
    const auto tile = static_cast<std::size_t>(end - begin);
    cpu::free_energy(layer.weight.matrix(), layer.bias.span(), network.decoder_bias.span(),
                     v.row_range(begin, end),
                     std::span(energy).subspan(static_cast<std::size_t>(begin), tile));
  });
  return std::accumulate(energy.begin(), energy.end(), 0.0) / static_cast<double>(v.rows);
}

}  // namespace

FreeEnergyMonitor::FreeEnergyMonitor(const Samples& training, const Samples* held_out)
    : training_(first_samples(training)) {
  if (held_out != nullptr && held_out->count() > 0) held_out_ = first_samples(*held_out);
}

void FreeEnergyMonitor::measure(const Context& context, const Autoencoder& network,
                                EpochMetrics& metrics) const {
  metrics.free_energy = mean_free_energy(context, network, training_.matrix());
  if (held_out_.empty()) return;
  metrics.held_out_free_energy = mean_free_energy(context, network, held_out_.matrix());
}

}  // namespace wta
