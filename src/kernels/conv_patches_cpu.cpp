#include <algorithm>

#include "kernels/conv_paths.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv_patches_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/conv_outputs-inl.h"
#include "kernels/panel_product-inl.h"
#include "kernels/simd_transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Copies `count` floats; may write up to kLanes - 1 more.
HWY_INLINE void copy_floats(const float* HWY_RESTRICT from, std::int64_t count, float* HWY_RESTRICT to) {
  const Floats d;
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
  if (i < count) hn::StoreU(load_part(from + i, count - i), d, to + i);
}

/// Consecutive positions of one sample.
struct Strip {
  std::int64_t sample;
  std::int64_t first;
  std::int64_t count;
};

/// left [chunk][position of the strip][kChunk] = the patches around the positions. `patch`: one patch with
/// room for a vector behind it.
inline void gather_patches(const cpu::ConvFilters& filters, const cpu::PatchesLayout& layout,
                           ConstMapsView<float> x, const Strip& strip, float* HWY_RESTRICT patch,
                           float* HWY_RESTRICT left) {
  const Floats d;
  const std::int64_t kernel = filters.shape().kernel;
  const std::int64_t row = kernel * filters.shape().in;
  // Rows of whole chunks need not be joined in `patch` first.
  const bool joined = row % kChunk != 0;
  const std::int64_t rows_at_once = joined ? kernel : 1;
  for (std::int64_t s = 0; s < strip.count; ++s) {
    const float* corner = x.patch(strip.sample, strip.first + s, kernel);
    float* to = left + s * kChunk;
    for (std::int64_t i = 0; i < kernel; i += rows_at_once) {
      const float* from = corner + i * x.shape.row_stride();
      if (joined) {
        for (std::int64_t k = 0; k < kernel; ++k)
          copy_floats(from + k * x.shape.row_stride(), row, patch + k * row);
        from = patch;
      }
      for (std::int64_t c = 0; c < rows_at_once * row; c += kChunk, to += layout.strip * kChunk) {
        for (std::int64_t v = 0; v < kChunk; v += kLanes) hn::Store(hn::LoadU(d, from + c + v), d, to + v);
      }
    }
  }
}

/// Hands `count` <= kLanes outputs of a strip on, in pieces of a row of the maps.
template <class Out>
void put_strip(const Out& out, const OutputLanes& lanes, const Strip& strip, std::int64_t width,
               const float* HWY_RESTRICT sums) {
  constexpr std::int64_t kPiece = 16;
  FloatVector piece[kPiece];
  for (std::int64_t s = 0, count = 0; s < strip.count; s += count) {
    const std::int64_t y = (strip.first + s) / width;
    const std::int64_t x = (strip.first + s) % width;
    count = std::min({kPiece, strip.count - s, width - x});
    for (std::int64_t i = 0; i < count; ++i) piece[i] = hn::Load(Floats(), sums + (s + i) * kPanel);
    put(out, lanes, {.y = y, .x = x, .rows = 1, .cols = count, .pitch = kPiece}, piece);
  }
}

/// Every output of a strip; `left` holds its patches, or is where they lie in the maps.
template <int kPitch, class Out>
void multiply_strip(const cpu::ConvFilters& filters, PanelProduct product, const Strip& strip,
                    const Out& out) {
  const cpu::ConvShape& shape = filters.shape();
  for (std::int64_t o = 0; o < shape.out; o += kPanel) {
    const std::int64_t columns = std::min(kPanel, shape.out - o);
    product.weights = filters.panel(0, o / kPanel);
    multiply_panel<kPitch>(product, strip.count, columns);
    for (std::int64_t c = 0; c < columns; c += kLanes) {
      put_strip(out, {strip.sample, o + c, std::min(kLanes, columns - c)}, strip, shape.width,
                product.out + c);
    }
  }
}

/// For kChannels input channels: the patches are read where they lie, one position being kChannels behind
/// the one before.
template <int kChannels, class Out>
void convolve_in_place(const cpu::ConvFilters& filters, ConstMapsView<float> x, const Out& out, float* sums) {
  const cpu::ConvShape& shape = filters.shape();
  const std::int64_t length = cpu::PatchesLayout(filters).strip;
  const std::int64_t radius = (shape.kernel - 1) / 2;
  for (std::int64_t row = 0; row < x.samples * shape.height; ++row) {
    const std::int64_t n = row / shape.height;
    const std::int64_t y = row % shape.height;
    for (std::int64_t begin = 0; begin < shape.width; begin += length) {
      const PanelProduct product{.left = x.at(n, y - radius, begin - radius),
                                 .chunk = shape.kernel * kChannels,
                                 .chunk_stride = x.shape.row_stride(),
                                 .inner = filters.inner(),
                                 .weights = nullptr,
                                 .out = sums};
      const Strip strip{n, y * shape.width + begin, std::min(length, shape.width - begin)};
      multiply_strip<kChannels>(filters, product, strip, out);
    }
  }
}

template <class Out>
void convolve_gathered(const cpu::ConvFilters& filters, ConstMapsView<float> x, const Out& out,
                       float* scratch) {
  const cpu::PatchesLayout layout(filters);
  float* sums = scratch;
  float* left = sums + layout.sums_size();
  float* patch = left + layout.left_size();
  const std::int64_t positions = x.shape.positions();
  const std::int64_t strips = cpu::ceil_div(positions, layout.strip);
  for (std::int64_t i = 0; i < x.samples * strips; ++i) {
    const std::int64_t first = i % strips * layout.strip;
    const Strip strip{i / strips, first, std::min(layout.strip, positions - first)};
    gather_patches(filters, layout, x, strip, patch, left);
    const PanelProduct product{.left = left,
                               .chunk = kChunk,
                               .chunk_stride = layout.strip * kChunk,
                               .inner = filters.inner(),
                               .weights = nullptr,
                               .out = sums};
    multiply_strip<kChunk>(filters, product, strip, out);
  }
}

template <class Out>
void convolve_patches(const cpu::ConvFilters& filters, ConstMapsView<float> x, const Out& out,
                      float* scratch) {
  start(out, x.samples);
  // Grey and coloured pictures are read in place.
  if (filters.shape().in == 1) {
    convolve_in_place<1>(filters, x, out, scratch);
  } else if (filters.shape().in == 3) {
    convolve_in_place<3>(filters, x, out, scratch);
  } else {
    convolve_gathered(filters, x, out, scratch);
  }
  finish(out);
}

void assign_patches(cpu::ConvFilters& filters, ConstMatrixView<float> w, std::int64_t begin,
                    std::int64_t end) {
  for (std::int64_t o = begin, next = 0; o < end; o = next) {
    next = std::min(end, (o / kPanel + 1) * kPanel);
    transpose(w.row_range(o, next), filters.panel(0, o / kPanel) + o % kPanel, kPanel);
  }
}

void patches_to_maps(const cpu::ConvFilters& filters, ConstMapsView<float> x, const cpu::ConvToMaps& out,
                     float* scratch) {
  convolve_patches(filters, x, out, scratch);
}

void patches_to_max(const cpu::ConvFilters& filters, ConstMapsView<float> x, const cpu::ConvToMax& out,
                    float* scratch) {
  convolve_patches(filters, x, out, scratch);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(assign_patches);
HWY_EXPORT(patches_to_maps);
HWY_EXPORT(patches_to_max);

namespace cpu {

void patches_assign(ConvFilters& filters, ConstMatrixView<float> w, std::int64_t begin, std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(assign_patches)(filters, w, begin, end);
}

void patches_conv(const ConvFilters& filters, ConstMapsView<float> x, const ConvToMaps& out, float* scratch) {
  HWY_DYNAMIC_DISPATCH(patches_to_maps)(filters, x, out, scratch);
}

void patches_conv(const ConvFilters& filters, ConstMapsView<float> x, const ConvToMax& out, float* scratch) {
  HWY_DYNAMIC_DISPATCH(patches_to_max)(filters, x, out, scratch);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
