#include <algorithm>

#include "kernels/conv_paths.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv_winograd_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/conv_outputs-inl.h"
#include "kernels/panel_product-inl.h"
#include "kernels/simd_transpose-inl.h"
#include "kernels/winograd_tiles-inl.h"

// One tile of m x m outputs of a sample is one row of t x t products, t = m + k - 1; t is `side`.
HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

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

/// Lanes [begin, end) of the kChunk outputs from `output` on, and some input channels.
struct FilterBlock {
  std::int64_t output;
  std::int64_t begin;
  std::int64_t end;
  std::int64_t first_channel;
  std::int64_t channels;
};

/// taps: [k * k][channel][kChunk].
template <int m, int k>
void transform_filters(cpu::ConvFilters& filters, const FilterBlock& block, const float* HWY_RESTRICT taps) {
  constexpr int kSide = m + k - 1;
  const Floats d;
  const std::int64_t stride = filters.panel(1, 0) - filters.panel(0, 0);
  float* first = filters.panel(0, block.output / kPanel) + block.output % kPanel;
  for (std::int64_t c = 0; c < block.channels; ++c) {
    for (std::int64_t v = block.begin / kLanes * kLanes; v < block.end; v += kLanes) {
      const std::int64_t begin = std::max(block.begin - v, std::int64_t{0});
      const std::int64_t end = std::min(block.end - v, kLanes);
      float* to = first + (block.first_channel + c) * kPanel + v;
      transform_both<k, kSide>(
          [&](int i, int j) { return hn::Load(d, taps + ((i * k + j) * kChunk + c) * kChunk + v); },
          [](const FloatVector* g, FloatVector* u) { transform_filter<m + k - 1, k>(g, u); },
          [&](int i, const FloatVector* u) {
            for (int j = 0; j < kSide; ++j) store_between(u[j], to + (i * kSide + j) * stride, begin, end);
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
      transform_filters<m, k>(filters, {output, first - output, last - output, c, channels}, taps);
    }
  }
}

/// Some tiles and some panels of outputs in flight, and where they lie.
struct Work {
  Work(const cpu::ConvFilters& f, float* scratch)
      : filters(f),
        layout(f),
        left(scratch),
        products(left + layout.left_size()),
        reduced(products + layout.products_size()) {}

  /// Outputs of a panel in flight.
  [[nodiscard]] std::int64_t columns(std::int64_t panel) const {
    return std::min(kPanel, filters.shape().out - (first_panel + panel) * kPanel);
  }
  /// The reduced products of a tile for kChunk outputs: [side][m][kChunk].
  [[nodiscard]] float* reduced_at(std::int64_t chunk, std::int64_t tile) const {
    return reduced + (chunk * layout.block + tile) * layout.side * filters.input_tile() * kChunk;
  }

  const cpu::ConvFilters& filters;
  cpu::WinogradLayout layout;
  float* left;      ///< [side * side][chunk][tile][kChunk]
  float* products;  ///< [side][panel][tile][kPanel], one row of frequencies
  float* reduced;   ///< [chunk of outputs][tile][side][m][kChunk]
  std::int64_t first_tile = 0;
  std::int64_t tiles = 0;
  std::int64_t first_panel = 0;
  std::int64_t panels = 0;
};

/// left = the transformed inputs. Tiles inside channels: as few streams are written at a time as there are
/// frequencies.
template <int m, int k>
void transform_tiles(const Work& work, ConstMapsView<float> x) {
  constexpr std::int64_t kRadius = (k - 1) / 2;
  const cpu::WinogradLayout& layout = work.layout;
  for (std::int64_t c = 0; c < x.shape.channels; c += kLanes) {
    for (std::int64_t t = 0; t < work.tiles; ++t) {
      const Tile tile(layout.grid, work.first_tile + t);
      float* to = work.left + (c / kChunk * layout.block + t) * kChunk + c % kChunk;
      transform_inputs<m, k>(x.shape, x.at(tile.sample, tile.y - kRadius, tile.x - kRadius) + c,
                             x.shape.channels - c, {to, layout.frequency_stride});
    }
  }
}

/// products of the frequencies of row i.
inline void multiply_row(const Work& work, std::int64_t i) {
  const cpu::WinogradLayout& layout = work.layout;
  for (std::int64_t j = 0; j < layout.side; ++j) {
    const std::int64_t f = i * layout.side + j;
    for (std::int64_t panel = 0; panel < work.panels; ++panel) {
      multiply_panel<kChunk>({.left = work.left + f * layout.frequency_stride,
                              .chunk = kChunk,
                              .chunk_stride = layout.block * kChunk,
                              .inner = work.filters.inner(),
                              .weights = work.filters.panel(f, work.first_panel + panel),
                              .out = work.products + j * layout.row_stride + panel * layout.block * kPanel},
                             work.tiles, work.columns(panel));
    }
  }
}

/// Row i of `reduced`, from the products of the row.
template <int m, int k>
void reduce_row(const Work& work, std::int64_t i) {
  constexpr int kSide = m + k - 1;
  const Floats d;
  for (std::int64_t panel = 0; panel < work.panels; ++panel) {
    for (std::int64_t tile = 0; tile < work.tiles; ++tile) {
      const float* products = work.products + (panel * work.layout.block + tile) * kPanel;
      for (std::int64_t c = 0; c < work.columns(panel); c += kLanes) {
        FloatVector in[kSide];
        FloatVector out[m];
        for (int j = 0; j < kSide; ++j) in[j] = hn::Load(d, products + j * work.layout.row_stride + c);
        transform_output<kSide, m>(in, out);
        float* to = work.reduced_at((panel * kPanel + c) / kChunk, tile) + i * m * kChunk + c % kChunk;
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
void put_tiles(const Work& work, const Out& out) {
  const cpu::ConvShape& shape = work.filters.shape();
  const std::int64_t begin = work.first_panel * kPanel;
  const std::int64_t end = std::min(shape.out, begin + work.panels * kPanel);
  for (std::int64_t t = 0; t < work.tiles; ++t) {
    const Tile tile(work.layout.grid, work.first_tile + t);
    const Rectangle place{tile.y, tile.x, std::min<std::int64_t>(m, shape.height - tile.y),
                          std::min<std::int64_t>(m, shape.width - tile.x), m};
    for (std::int64_t o = begin; o < end; o += kLanes) {
      put_tile<m, k>(out, {tile.sample, o, std::min(kLanes, end - o)}, place,
                     work.reduced_at((o - begin) / kChunk, t) + o % kChunk);
    }
  }
}

template <int m, int k, class Out>
void convolve_winograd(const cpu::ConvFilters& filters, ConstMapsView<float> x, const Out& out,
                       float* scratch) {
  Work work(filters, scratch);
  const std::int64_t tiles = x.samples * work.layout.grid.tiles();
  const std::int64_t panels = cpu::ceil_div(filters.shape().out, kPanel);
  start(out, x.samples);
  for (; work.first_tile < tiles; work.first_tile += work.layout.block) {
    work.tiles = std::min(work.layout.block, tiles - work.first_tile);
    transform_tiles<m, k>(work, x);
    for (work.first_panel = 0; work.first_panel < panels; work.first_panel += work.layout.panels) {
      work.panels = std::min(work.layout.panels, panels - work.first_panel);
      for (std::int64_t i = 0; i < work.layout.side; ++i) {
        multiply_row(work, i);
        reduce_row<m, k>(work, i);
      }
      put_tiles<m, k>(work, out);
    }
  }
  finish(out);
}

void winograd_filters(cpu::ConvFilters& filters, ConstMatrixView<float> w, std::int64_t begin,
                      std::int64_t end) {
  with_size(filters.shape().kernel, filters.input_tile(),
            [&]<int m, int k>() { assign_winograd<m, k>(filters, w, begin, end); });
}

void winograd_to_maps(const cpu::ConvFilters& filters, ConstMapsView<float> x, const cpu::ConvToMaps& out,
                      float* scratch) {
  with_size(filters.shape().kernel, filters.input_tile(),
            [&]<int m, int k>() { convolve_winograd<m, k>(filters, x, out, scratch); });
}

void winograd_to_max(const cpu::ConvFilters& filters, ConstMapsView<float> x, const cpu::ConvToMax& out,
                     float* scratch) {
  with_size(filters.shape().kernel, filters.input_tile(),
            [&]<int m, int k>() { convolve_winograd<m, k>(filters, x, out, scratch); });
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
