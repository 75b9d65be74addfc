#include <algorithm>

#include "kernels/conv_paths.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv_winograd_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/conv_outputs-inl.h"
#include "kernels/panel_product-inl.h"
#include "kernels/simd_transpose-inl.h"
#include "kernels/winograd_transforms-inl.h"

// One tile of m x m outputs of a sample is one row of t x t products, t = m + k - 1; t is `side`.
HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Calls store(i, v) with row i of T in T^T, where load(a, b) is in[a, b] and transform is T: `extent` values
/// to `side`.
template <int extent, int side, class Load, class Transform, class Store>
HWY_INLINE void transform_both(Load load, Transform transform, Store store) {
  FloatVector columns[side * extent];
  for (int b = 0; b < extent; ++b) {
    FloatVector column[extent];
    FloatVector done[side];
    for (int a = 0; a < extent; ++a) column[a] = load(a, b);
    transform(column, done);
    for (int i = 0; i < side; ++i) columns[i * extent + b] = done[i];
  }
  for (int i = 0; i < side; ++i) {
    FloatVector row[side];
    transform(columns + i * extent, row);
    store(i, row);
  }
}

/// Stores lanes [begin, end) only: a vector of outputs may be shared by two calls of assign.
HWY_INLINE void store_between(FloatVector v, float* p, std::int64_t begin, std::int64_t end) {
  if (begin == 0 && end == kLanes) {
    hn::Store(v, Floats(), p);
    return;
  }
  HWY_ALIGN float lanes[kLanes];
  hn::Store(v, Floats(), lanes);
  std::copy(lanes + begin, lanes + end, p + begin);
}

/// Transforms the filters of kChunk outputs, of which [begin, end) are wanted, and of some input channels.
/// taps: [k * k][channel][kChunk].
template <int m, int k>
void transform_filters(cpu::ConvFilters& filters, const float* HWY_RESTRICT taps, std::int64_t output,
                       std::int64_t begin, std::int64_t end, std::int64_t first_channel,
                       std::int64_t channels) {
  constexpr int kSide = m + k - 1;
  const Floats d;
  const std::int64_t stride = filters.panel(1, 0) - filters.panel(0, 0);
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t v = begin / kLanes * kLanes; v < end; v += kLanes) {
      float* to = filters.panel(0, output / kPanel) + (first_channel + c) * kPanel + output % kPanel + v;
      transform_both<k, kSide>(
          [&](int i, int j) { return hn::Load(d, taps + ((i * k + j) * kChunk + c) * kChunk + v); },
          [](const FloatVector* g, FloatVector* u) { transform_filter<m + k - 1, k>(g, u); },
          [&](int i, const FloatVector* u) {
            for (int j = 0; j < kSide; ++j) {
              store_between(u[j], to + (i * kSide + j) * stride, std::max(begin - v, std::int64_t{0}),
                            std::min(end - v, kLanes));
            }
          });
    }
  }
}

template <int m, int k>
void assign_winograd(cpu::ConvFilters& filters, ConstMatrixView<float> w, std::int64_t begin,
                     std::int64_t end) {
  constexpr std::int64_t kTaps = std::int64_t{k} * k;
  HWY_ALIGN float taps[kTaps * kChunk * kChunk] = {};
  const std::int64_t in = filters.shape().in;
  for (std::int64_t output = begin / kChunk * kChunk; output < end; output += kChunk) {
    const std::int64_t first = std::max(begin, output);
    const std::int64_t last = std::min(end, output + kChunk);
    for (std::int64_t c = 0; c < in; c += kChunk) {
      const std::int64_t channels = std::min(kChunk, in - c);
      for (std::int64_t tap = 0; tap < kTaps; ++tap) {
        const ConstMatrixView<float> from(w.row(first) + tap * in + c, last - first, channels, w.stride);
        transpose(from, taps + tap * kChunk * kChunk + first - output, kChunk);
      }
      transform_filters<m, k>(filters, taps, output, first - output, last - output, c, channels);
    }
  }
}

/// Where a tile lies.
struct Tile {
  Tile(const cpu::WinogradLayout& layout, std::int64_t index, std::int64_t m)
      : sample(index / layout.tiles()),
        y(index % layout.tiles() / layout.tiles_x * m),
        x(index % layout.tiles_x * m) {}
  std::int64_t sample;
  std::int64_t y;
  std::int64_t x;
};

/// Transforms kLanes channels of a tile, of which `channels` exist; corner: where its inputs begin;
/// to: the tile's place in the first frequency of `left`.
template <int m, int k>
void transform_tile(const cpu::WinogradLayout& layout, const MapShape& shape,
                    const float* HWY_RESTRICT corner, std::int64_t channels, float* HWY_RESTRICT to) {
  constexpr int kSide = m + k - 1;
  const Floats d;
  const auto with = [&](auto load) {
    transform_both<kSide, kSide>(
        [&](int i, int j) { return load(corner + i * shape.row_stride() + j * shape.channels); },
        [](const FloatVector* in, FloatVector* v) { transform_input<m + k - 1>(in, v); },
        [&](int i, const FloatVector* v) {
          for (int j = 0; j < kSide; ++j) hn::Store(v[j], d, to + (i * kSide + j) * layout.frequency_stride);
        });
  };
  if (channels >= kLanes) {
    with([&](const float* from) { return hn::LoadU(d, from); });
  } else {
    with([&](const float* from) { return load_part(from, channels); });
  }
}

/// left [side * side][chunk][tile][kChunk] = the transformed inputs. Tiles inside channels: as few streams
/// are written at a time as there are frequencies.
template <int m, int k>
void transform_tiles(const cpu::WinogradLayout& layout, ConstMapsView<float> x, std::int64_t first,
                     std::int64_t tiles, float* left) {
  constexpr std::int64_t kRadius = (k - 1) / 2;
  for (std::int64_t c = 0; c < x.shape.channels; c += kLanes) {
    for (std::int64_t t = 0; t < tiles; ++t) {
      const Tile tile(layout, first + t, m);
      transform_tile<m, k>(layout, x.shape, x.at(tile.sample, tile.y - kRadius, tile.x - kRadius) + c,
                           x.shape.channels - c,
                           left + (c / kChunk * layout.block + t) * kChunk + c % kChunk);
    }
  }
}

/// Some panels of outputs.
struct Panels {
  std::int64_t first;
  std::int64_t count;
  [[nodiscard]] std::int64_t columns(std::int64_t panel, std::int64_t outputs) const {
    return std::min(kPanel, outputs - (first + panel) * kPanel);
  }
};

/// products [side][panel][tile][kPanel] of the frequencies of row i.
inline void multiply_row(const cpu::ConvFilters& filters, const cpu::WinogradLayout& layout, std::int64_t i,
                         const Panels& panels, std::int64_t tiles, const float* left, float* products) {
  for (std::int64_t j = 0; j < layout.side; ++j) {
    const std::int64_t f = i * layout.side + j;
    for (std::int64_t panel = 0; panel < panels.count; ++panel) {
      multiply_panel<kChunk>({left + f * layout.frequency_stride, kChunk, layout.block * kChunk,
                              filters.inner(), filters.panel(f, panels.first + panel),
                              products + j * layout.row_stride + panel * layout.block * kPanel},
                             tiles, panels.columns(panel, filters.shape().out));
    }
  }
}

/// reduced [panel][half][tile][side][m][kChunk], row i of `side`, from the products of the row.
template <int m, int k>
void reduce_row(const cpu::ConvFilters& filters, const cpu::WinogradLayout& layout, std::int64_t i,
                const Panels& panels, std::int64_t tiles, const float* HWY_RESTRICT products,
                float* HWY_RESTRICT reduced) {
  constexpr int kSide = m + k - 1;
  const Floats d;
  for (std::int64_t panel = 0; panel < panels.count; ++panel) {
    const std::int64_t columns = panels.columns(panel, filters.shape().out);
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
      for (std::int64_t c = 0; c < columns; c += kLanes) {
        const float* from = products + (panel * layout.block + tile) * kPanel + c;
        const std::int64_t half = panel * (kPanel / kChunk) + c / kChunk;
        float* to = reduced + ((half * layout.block + tile) * kSide + i) * m * kChunk + c % kChunk;
        FloatVector in[kSide];
        FloatVector out[m];
        for (int j = 0; j < kSide; ++j) in[j] = hn::Load(d, from + j * layout.row_stride);
        transform_output<kSide, m>(in, out);
        for (int b = 0; b < m; ++b) hn::Store(out[b], d, to + b * kChunk);
      }
    }
  }
}

/// The outputs of one tile, from [side][m][kChunk] reduced products.
template <int m, int k, class Out>
void put_tile(const Out& out, const OutputLanes& lanes, const Rectangle& place,
              const float* HWY_RESTRICT reduced) {
  constexpr int kSide = m + k - 1;
  FloatVector y[m * m];
  for (int b = 0; b < m; ++b) {
    FloatVector in[kSide];
    FloatVector column[m];
    for (int i = 0; i < kSide; ++i) in[i] = hn::Load(Floats(), reduced + (i * m + b) * kChunk);
    transform_output<kSide, m>(in, column);
    for (int a = 0; a < m; ++a) y[a * m + b] = column[a];
  }
  put(out, lanes, place, y);
}

template <int m, int k, class Out>
void put_tiles(const cpu::ConvFilters& filters, const cpu::WinogradLayout& layout, const Panels& panels,
               std::int64_t first_tile, std::int64_t tiles, const Out& out, const float* reduced) {
  const cpu::ConvShape& shape = filters.shape();
  const std::int64_t begin = panels.first * kPanel;
  const std::int64_t end = std::min(shape.out, begin + panels.count * kPanel);
  for (std::int64_t t = 0; t < tiles; ++t) {
    const Tile tile(layout, first_tile + t, m);
    const Rectangle place{tile.y, tile.x, std::min<std::int64_t>(m, shape.height - tile.y),
                          std::min<std::int64_t>(m, shape.width - tile.x), m};
    for (std::int64_t o = begin; o < end; o += kLanes) {
      const std::int64_t half = (o - begin) / kChunk;
      put_tile<m, k>(out, {tile.sample, o, std::min(kLanes, end - o)}, place,
                     reduced + (half * layout.block + t) * (m + k - 1) * m * kChunk + o % kChunk);
    }
  }
}

template <int m, int k, class Out>
void convolve_winograd(const cpu::ConvFilters& filters, ConstMapsView<float> x, const Out& out,
                       float* scratch) {
  const cpu::WinogradLayout layout(filters);
  float* left = scratch;
  float* products = left + layout.left_size();
  float* reduced = products + layout.products_size();
  const std::int64_t all_panels = cpu::ceil_div(filters.shape().out, kPanel);
  const std::int64_t all_tiles = x.samples * layout.tiles();
  start(out, x.samples);
  for (std::int64_t first = 0; first < all_tiles; first += layout.block) {
    const std::int64_t tiles = std::min(layout.block, all_tiles - first);
    transform_tiles<m, k>(layout, x, first, tiles, left);
    for (std::int64_t panel = 0; panel < all_panels; panel += layout.panels) {
      const Panels panels{panel, std::min(layout.panels, all_panels - panel)};
      for (std::int64_t i = 0; i < layout.side; ++i) {
        multiply_row(filters, layout, i, panels, tiles, left, products);
        reduce_row<m, k>(filters, layout, i, panels, tiles, products, reduced);
      }
      put_tiles<m, k>(filters, layout, panels, first, tiles, out, reduced);
    }
  }
  finish(out);
}

/// Calls task<m, k>() for the filters' tile and kernel.
template <class Task>
void with_size(const cpu::ConvFilters& filters, Task task) {
  const std::int64_t m = filters.input_tile();
  switch (filters.shape().kernel) {
    case 3:
      return m == 4 ? task.template operator()<4, 3>() : task.template operator()<6, 3>();
    case 5:
      return task.template operator()<4, 5>();
    case 7:
      return task.template operator()<2, 7>();
  }
}

void winograd_filters(cpu::ConvFilters& filters, ConstMatrixView<float> w, std::int64_t begin,
                      std::int64_t end) {
  with_size(filters, [&]<int m, int k>() { assign_winograd<m, k>(filters, w, begin, end); });
}

void winograd_to_maps(const cpu::ConvFilters& filters, ConstMapsView<float> x, const cpu::ConvToMaps& out,
                      float* scratch) {
  with_size(filters, [&]<int m, int k>() { convolve_winograd<m, k>(filters, x, out, scratch); });
}

void winograd_to_max(const cpu::ConvFilters& filters, ConstMapsView<float> x, const cpu::ConvToMax& out,
                     float* scratch) {
  with_size(filters, [&]<int m, int k>() { convolve_winograd<m, k>(filters, x, out, scratch); });
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(winograd_filters);
HWY_EXPORT(winograd_to_maps);
HWY_EXPORT(winograd_to_max);

namespace cpu {

void winograd_assign(ConvFilters& filters, ConstMatrixView<float> w, std::int64_t begin, std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(winograd_filters)(filters, w, begin, end);
}

void winograd_conv(const ConvFilters& filters, ConstMapsView<float> x, const ConvToMaps& out,
                   float* scratch) {
  HWY_DYNAMIC_DISPATCH(winograd_to_maps)(filters, x, out, scratch);
}

void winograd_conv(const ConvFilters& filters, ConstMapsView<float> x, const ConvToMax& out, float* scratch) {
  HWY_DYNAMIC_DISPATCH(winograd_to_max)(filters, x, out, scratch);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
