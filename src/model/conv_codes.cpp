#include "model/conv_codes.h"

#include <algorithm>
#include <memory>

#include "core/object_pool.h"
#include "core/parallel.h"
#include "kernels/max_pool.h"
#include "kernels/paste_patches.h"
#include "model/conv_encoder.h"

namespace wta {
namespace {

// Samples that one task takes through all layers: at least what each layer takes at a time.
std::int64_t samples_per_task(const ConvEncoder& encoder) {
  std::int64_t samples = 1;
  for (std::size_t l = 0; l < encoder.layers(); ++l) samples = std::max(samples, encoder.block_samples(l));
  return samples;
}

// Runs layers [0, end) on some samples.
void run_layers(const ConvEncoder& encoder, std::size_t end, ConstMatrixView<float> x, ConvBuffers& buffers) {
  copy_to_maps(x, buffers.maps(0, x.rows));
  for (std::size_t l = 0; l < end; ++l) {
    for (std::int64_t begin = 0; begin < x.rows; begin += encoder.block_samples(l)) {
      const std::int64_t last = std::min(x.rows, begin + encoder.block_samples(l));
      encoder.run(l, buffers.maps(l, x.rows).sample_range(begin, last),
                  buffers.maps(l + 1, x.rows).sample_range(begin, last), buffers.scratch());
    }
  }
}

// Calls task(begin, end, buffers) for tiles of the samples.
void for_each_tile(const Context& context, const ConvEncoder& encoder, std::int64_t samples,
                   const std::function<void(std::int64_t, std::int64_t, ConvBuffers&)>& task) {
  const std::int64_t tile = samples_per_task(encoder);
  ObjectPool<ConvBuffers> pool([&] { return std::make_unique<ConvBuffers>(encoder, tile); });
  parallel_for_tiles(context, samples, tile, [&](std::int64_t begin, std::int64_t end) {
    auto buffers = pool.borrow();
    task(begin, end, *buffers);
  });
}

// Collects winners unit by unit.
class WinnerList {
 public:
  WinnerList(std::int64_t units, std::int64_t samples) {
    winners_.units = units;
    winners_.samples = samples;
    winners_.offsets.push_back(0);
  }
  void add(std::int64_t sample, std::int64_t position, float value) {
    winners_.sample.push_back(static_cast<std::int32_t>(sample));
    winners_.position.push_back(static_cast<std::int32_t>(position));
    winners_.value.push_back(value);
  }
  void end_unit() { winners_.offsets.push_back(winners_.count()); }
  Winners<float> finish() {
    winners_.index_by_sample();
    return std::move(winners_);
  }

 private:
  Winners<float> winners_;
};

Winners<float> largest_above_threshold(const ConvEncoder& encoder, const Autoencoder& network,
                                       ConstMatrixView<float> x, ConvBuffers& buffers) {
  run_layers(encoder, encoder.layers() - 1, x, buffers);
  Tensor<float> value({x.rows, network.units()});
  Tensor<std::int32_t> position({x.rows, network.units()});
  encoder.run_max(buffers.maps(encoder.layers() - 1, x.rows), value.matrix(), position.matrix(),
                  buffers.scratch());
  WinnerList list(network.units(), x.rows);
  for (std::int64_t u = 0; u < network.units(); ++u, list.end_unit()) {
    for (std::int64_t n = 0; n < x.rows; ++n) {
      const float v = value.matrix()(n, u);
      if (v > network.threshold(u)) list.add(n, position.matrix()(n, u), v);
    }
  }
  return list.finish();
}

Winners<float> all_above_threshold(const ConvEncoder& encoder, const Autoencoder& network,
                                   ConstMatrixView<float> x, ConvBuffers& buffers) {
  run_layers(encoder, encoder.layers(), x, buffers);
  const ConstMapsView<float> h = buffers.maps(encoder.layers(), x.rows);
  const std::int64_t positions = h.shape.positions();
  WinnerList list(network.units(), x.rows);
  for (std::int64_t u = 0; u < network.units(); ++u, list.end_unit()) {
    for (std::int64_t i = 0; i < x.rows * positions; ++i) {
      const float v = h.data[i * h.shape.channels + u];  // the last maps have no frame
      if (v > network.threshold(u)) list.add(i / positions, i % positions, v);
    }
  }
  return list.finish();
}

}  // namespace

void encode_maps(const Context& context, const Stage& stage, ConstMatrixView<float> x,
                 MatrixView<float> codes) {
  ConvEncoder encoder(stage.network);
  encoder.prepare(context);
  const Pooling pooling = stage.pooling.window > 0 ? stage.pooling : Pooling{.window = 1, .stride = 1};
  for_each_tile(context, encoder, x.rows, [&](std::int64_t begin, std::int64_t end, ConvBuffers& buffers) {
    run_layers(encoder, encoder.layers(), x.row_range(begin, end), buffers);
    cpu::max_pool(buffers.maps(encoder.layers(), end - begin), pooling.window, pooling.stride,
                  codes.row_range(begin, end));
  });
}

void reconstruct_maps(const Context& context, const Stage& stage, ConstMatrixView<float> x,
                      MatrixView<float> out) {
  const Autoencoder& network = stage.network;
  ConvEncoder encoder(network);
  encoder.prepare(context);
  const Shape& input = network.input_shape;
  const std::int64_t kernel = network.decoder_weight.shape()[1];
  const MapShape shape = framed(input[0], input[1], input[2], kernel);
  for_each_tile(context, encoder, x.rows, [&](std::int64_t begin, std::int64_t end, ConvBuffers& buffers) {
    const ConstMatrixView<float> tile = x.row_range(begin, end);
    const Winners<float> winners = network.spatial ? largest_above_threshold(encoder, network, tile, buffers)
                                                   : all_above_threshold(encoder, network, tile, buffers);
    Tensor<float> pasted({tile.rows, shape.stored_size()});
    const MapsView<float> maps(pasted.data(), shape, tile.rows);
    cpu::paste_patches(winners, winners.value, network.atoms(), kernel, 0, tile.rows, maps);
    const std::int64_t row = shape.width * shape.channels;
    for (std::int64_t i = 0; i < tile.rows * shape.size(); ++i) {
      const std::int64_t n = i / shape.size();
      const std::int64_t d = i % shape.size();
      out(begin + n, d) = maps.at(n, d / row, 0)[d % row] + network.decoder_bias[d % shape.channels];
    }
  });
}

}  // namespace wta
