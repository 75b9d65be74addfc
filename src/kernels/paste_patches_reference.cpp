#include <algorithm>

#include "kernels/paste_patches.h"

namespace wta {
namespace reference {

template <class T>
void paste_patches(const Winners<T>& winners, std::span<const T> coefficient, ConstMatrixView<T> rows,
                   std::int64_t kernel, std::int64_t begin, std::int64_t end, MapsView<T> out) {
  const std::int64_t channels = out.shape.channels;
  for (std::int64_t n = begin; n < end; ++n) {
    for (std::int64_t s = winners.sample_offsets[n]; s < winners.sample_offsets[n + 1]; ++s) {
      const std::int64_t w = winners.by_sample[s];
      const T* atom = rows.row(winners.unit[w]);
      T* patch = out.patch(n, winners.position[w], kernel);
      for (std::int64_t i = 0; i < kernel; ++i) {
        for (std::int64_t d = 0; d < kernel * channels; ++d) {
          patch[i * out.shape.row_stride() + d] += coefficient[w] * atom[i * kernel * channels + d];
        }
      }
    }
  }
}

template void paste_patches(const Winners<float>&, std::span<const float>, ConstMatrixView<float>,
                            std::int64_t, std::int64_t, std::int64_t, MapsView<float>);
template void paste_patches(const Winners<double>&, std::span<const double>, ConstMatrixView<double>,
                            std::int64_t, std::int64_t, std::int64_t, MapsView<double>);

}  // namespace reference

template <class T>
void clear_frame(MapsView<T> maps) {
  const MapShape& shape = maps.shape;
  for (std::int64_t n = 0; n < maps.samples; ++n) {
    T* sample = maps.data + n * shape.stored_size();
    T* first = maps.at(n, 0, 0);
    // From the end of each row of the maps to the start of the next one the frame is contiguous.
    std::fill(sample, first, T{0});
    for (std::int64_t y = 0; y + 1 < shape.height; ++y) {
      std::fill(maps.at(n, y, shape.width), maps.at(n, y + 1, 0), T{0});
    }
    std::fill(maps.at(n, shape.height - 1, shape.width), sample + shape.stored_size(), T{0});
  }
}

template void clear_frame(MapsView<float>);
template void clear_frame(MapsView<double>);

}  // namespace wta
