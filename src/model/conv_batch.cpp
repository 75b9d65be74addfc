#include "model/conv_batch.h"

#include "core/parallel.h"
#include "kernels/conv_relu.h"

namespace wta {

ConvBatch::ConvBatch(const Context& context, Autoencoder& network)
    : context_(context), network_(network), encoder_(network) {}

void ConvBatch::resize(std::int64_t samples) {
  if (samples == samples_) return;
  samples_ = samples;
  const std::size_t layers = encoder_.layers();
  maps_.assign(layers + 1, {});
  for (std::size_t l = 0; l <= layers; ++l) {
    if (l == layers && network_.spatial) break;  // the last maps are not kept
    maps_[l] = Tensor<float>({samples, encoder_.maps(l).stored_size()});
  }
}

void ConvBatch::forward_lower(ConstMatrixView<float> x) {
  encoder_.prepare(context_);
  parallel_for_tiles(context_, samples_, kConvSampleTile, [&](std::int64_t begin, std::int64_t end) {
    copy_to_maps(x.row_range(begin, end), input(0).sample_range(begin, end));
  });
  for (std::size_t l = 0; l + 1 < encoder_.layers(); ++l) {
    parallel_for_tiles(context_, samples_, encoder_.block_samples(l),
                       [&](std::int64_t begin, std::int64_t end) {
                         ScratchPool::Lease scratch = scratch_.borrow(encoder_.scratch_size());
                         encoder_.run(l, input(l).sample_range(begin, end),
                                      output(l).sample_range(begin, end), scratch.data());
                       });
  }
}

void ConvBatch::forward_max(MatrixView<float> value, MatrixView<std::int32_t> position) {
  const std::size_t last = encoder_.layers() - 1;
  parallel_for_tiles(context_, samples_, encoder_.block_samples(last),
                     [&](std::int64_t begin, std::int64_t end) {
                       ScratchPool::Lease scratch = scratch_.borrow(encoder_.scratch_size());
                       encoder_.run_max(input(last).sample_range(begin, end), value.row_range(begin, end),
                                        position.row_range(begin, end), scratch.data());
                     });
}

void ConvBatch::forward_last() {
  const std::size_t last = encoder_.layers() - 1;
  parallel_for_tiles(context_, samples_, encoder_.block_samples(last),
                     [&](std::int64_t begin, std::int64_t end) {
                       ScratchPool::Lease scratch = scratch_.borrow(encoder_.scratch_size());
                       encoder_.run(last, input(last).sample_range(begin, end),
                                    output(last).sample_range(begin, end), scratch.data());
                     });
}

}  // namespace wta
