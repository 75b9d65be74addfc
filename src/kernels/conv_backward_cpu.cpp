#include <algorithm>
#include <vector>

#include "kernels/conv_backward.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv_backward_cpu.cpp"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include "kernels/patch_product-inl.h"
#include "kernels/simd_patches-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Patches whose rows are shorter than this are copied to whole vectors first, else their vectors would be
/// mostly empty.
constexpr std::int64_t kNarrowRun = 64;

/// How the products of a call see a patch of `kernel` rows: as it lies in the maps, or copied to one run.
struct PatchLayout {
  PatchLayout(const MapShape& shape, std::int64_t kernel)
      : narrow(kernel * shape.channels < kNarrowRun),
        rows(kernel),
        row_columns(kernel * shape.channels),
        row_stride(shape.row_stride()),
        runs(narrow ? 1 : kernel),
        columns(narrow ? kernel * row_columns : row_columns),
        copy_stride((kernel * row_columns + kLanes - 1) / kLanes * kLanes) {}
  bool narrow;
  std::int64_t rows;  ///< of the patch in the maps
  std::int64_t row_columns;
  std::int64_t row_stride;
  std::int64_t runs;  ///< of the patch in the product
  std::int64_t columns;
  std::int64_t copy_stride;  ///< from one copied patch to the next
};

/// Room of one call.
struct ProductScratch {
  AlignedVector<float> factor;
  AlignedVector<float> copies;  ///< [kPositionChunk, copy_stride], where patches are narrow
  std::vector<const float*> term;
  std::vector<float*> out;
};

inline std::int64_t block_count(std::int64_t rows) {
  return (rows + kBlockRows - 1) / kBlockRows;
}

/// Adds the products of all blocks of outputs; product.factor and product.out are those of the first block.
inline void add_products(PatchProduct product, const PatchLayout& layout, std::int64_t outputs) {
  const PatchProduct first = product;
  constexpr std::int64_t kColumns = kBlockVectors * kLanes;
  for (std::int64_t run = 0; run < layout.runs; ++run) {
    for (std::int64_t column = 0; column < layout.columns; column += kColumns) {
      for (std::int64_t b = 0; b < block_count(outputs); ++b) {
        product.factor = first.factor + b * product.terms * kBlockRows;
        product.out = first.out + b * kBlockRows;
        product.rows = std::min<std::int64_t>(kBlockRows, outputs - b * kBlockRows);
        add_product(product, run, column, std::min(kColumns, layout.columns - column));
      }
    }
  }
}

/// The patch's rows, one behind the other.
inline void copy_patch(const PatchLayout& layout, const float* HWY_RESTRICT patch, float* HWY_RESTRICT copy) {
  const Floats d;
  for (std::int64_t i = 0; i < layout.rows; ++i, patch += layout.row_stride, copy += layout.row_columns) {
    std::int64_t c = 0;
    for (; c + kLanes <= layout.row_columns; c += kLanes) hn::StoreU(hn::LoadU(d, patch + c), d, copy + c);
    if (const std::int64_t left = layout.row_columns - c; left > 0) {
      store_part(load_part(patch + c, left), copy + c, left);
    }
  }
}

/// factor [blocks, positions, kBlockRows] = the gradient of outputs [begin, end); their sums go to `bias`.
inline void gather_outputs(ConstMapsView<float> grad, std::int64_t n, std::span<const std::int32_t> positions,
                           std::int64_t begin, std::int64_t end, float* HWY_RESTRICT factor, float* bias) {
  std::vector<float> sum(static_cast<std::size_t>(end - begin));
  const auto terms = static_cast<std::int64_t>(positions.size());
  for (std::int64_t b = 0; b < block_count(end - begin); ++b) {
    const std::int64_t first = b * kBlockRows;
    const std::int64_t count = std::min<std::int64_t>(kBlockRows, end - begin - first);
    for (std::int64_t t = 0; t < terms; ++t, factor += kBlockRows) {
      const float* from = grad.patch(n, positions[t], 1) + begin + first;
      for (std::int64_t r = 0; r < count; ++r) {
        factor[r] = from[r];
        sum[first + r] += from[r];
      }
      std::fill(factor + count, factor + kBlockRows, 0.0F);
    }
  }
  for (std::int64_t o = 0; o < end - begin; ++o) bias[o] += sum[o];
}

void sum_weight_rows(const ListedMaps<float>& grad, ConstMapsView<float> x, std::int64_t kernel,
                     std::int64_t begin, std::int64_t end, MatrixView<float> grad_w,
                     std::span<float> grad_bias) {
  const PatchLayout layout(x.shape, kernel);
  const std::int64_t outputs = end - begin;
  ProductScratch scratch;
  scratch.factor.resize(static_cast<std::size_t>(block_count(outputs) * kBlockRows * kPositionChunk));
  scratch.copies.resize(static_cast<std::size_t>(layout.narrow ? kPositionChunk * layout.copy_stride : 0));
  scratch.term.resize(static_cast<std::size_t>(kPositionChunk));
  for (std::int64_t o = 0; o < outputs; ++o) {
    scratch.out.push_back(grad_w.row(o));
    std::fill_n(grad_w.row(o), grad_w.cols, 0.0F);
    grad_bias[begin + o] = 0;
  }
  for (std::int64_t n = 0; n < grad.maps.samples; ++n) {
    for (auto left = grad.positions.of_sample(n); !left.empty();) {
      const auto chunk = left.first(std::min<std::size_t>(left.size(), kPositionChunk));
      left = left.subspan(chunk.size());
      gather_outputs(grad.maps, n, chunk, begin, end, scratch.factor.data(), grad_bias.data() + begin);
      for (std::size_t t = 0; t < chunk.size(); ++t) {
        scratch.term[t] = x.patch(n, chunk[t], kernel);
        if (!layout.narrow) continue;
        float* copy = scratch.copies.data() + static_cast<std::int64_t>(t) * layout.copy_stride;
        copy_patch(layout, scratch.term[t], copy);
        scratch.term[t] = copy;
      }
      add_products({.terms = static_cast<std::int64_t>(chunk.size()),
                    .factor = scratch.factor.data(),
                    .term = scratch.term.data(),
                    .term_stride = layout.row_stride,
                    .rows = 0,
                    .out = scratch.out.data(),
                    .out_stride = layout.columns},
                   layout, outputs);
    }
  }
}

/// factor [blocks, outputs, kBlockRows] = the gradient at the listed positions, blocks of positions.
inline void gather_positions(ConstMapsView<float> grad, std::int64_t n,
                             std::span<const std::int32_t> positions, float* HWY_RESTRICT factor) {
  const std::int64_t outputs = grad.shape.channels;
  const auto count = static_cast<std::int64_t>(positions.size());
  for (std::int64_t p = 0; p < block_count(count) * kBlockRows; ++p) {
    float* HWY_RESTRICT to = factor + p / kBlockRows * outputs * kBlockRows + p % kBlockRows;
    const float* HWY_RESTRICT from = p < count ? grad.patch(n, positions[p], 1) : nullptr;
    for (std::int64_t o = 0; o < outputs; ++o) to[o * kBlockRows] = from != nullptr ? from[o] : 0.0F;
  }
}

void add_input_patches(const ListedMaps<float>& grad, ConstMatrixView<float> w, std::int64_t kernel,
                       MapsView<float> grad_x) {
  const PatchLayout layout(grad_x.shape, kernel);
  ProductScratch scratch;
  scratch.factor.resize(static_cast<std::size_t>(w.rows * kPositionChunk));
  scratch.copies.resize(static_cast<std::size_t>(layout.narrow ? kPositionChunk * layout.copy_stride : 0));
  scratch.out.resize(static_cast<std::size_t>(kPositionChunk));
  for (std::int64_t o = 0; o < w.rows; ++o) scratch.term.push_back(w.row(o));
  const PatchRuns patch{.rows = kernel, .runs = 1, .length = layout.row_columns, .run_stride = 0};
  for (std::int64_t n = 0; n < grad.maps.samples; ++n) {
    for (auto left = grad.positions.of_sample(n); !left.empty();) {
      const auto chunk = left.first(std::min<std::size_t>(left.size(), kPositionChunk));
      left = left.subspan(chunk.size());
      gather_positions(grad.maps, n, chunk, scratch.factor.data());
      std::fill(scratch.copies.begin(), scratch.copies.end(), 0.0F);
      for (std::size_t p = 0; p < chunk.size(); ++p) {
        float* copy = scratch.copies.data() + static_cast<std::int64_t>(p) * layout.copy_stride;
        scratch.out[p] = layout.narrow ? copy : grad_x.patch(n, chunk[p], kernel);
      }
      add_products({.terms = w.rows,
                    .factor = scratch.factor.data(),
                    .term = scratch.term.data(),
                    .term_stride = layout.columns,
                    .rows = 0,
                    .out = scratch.out.data(),
                    .out_stride = layout.row_stride},
                   layout, static_cast<std::int64_t>(chunk.size()));
      if (!layout.narrow) continue;
      for (std::size_t p = 0; p < chunk.size(); ++p) {
        add_scaled_patch(patch, 1, scratch.out[p], layout.row_columns, grad_x.patch(n, chunk[p], kernel),
                         layout.row_stride);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace wta {
HWY_EXPORT(sum_weight_rows);
HWY_EXPORT(add_input_patches);

namespace cpu {

void conv_grad_input(const ListedMaps<float>& grad, ConstMatrixView<float> w, std::int64_t kernel,
                     MapsView<float> grad_x) {
  HWY_DYNAMIC_DISPATCH(add_input_patches)(grad, w, kernel, grad_x);
}

void conv_grad_weight(const ListedMaps<float>& grad, ConstMapsView<float> x, std::int64_t kernel,
                      std::int64_t begin, std::int64_t end, MatrixView<float> grad_w,
                      std::span<float> grad_bias) {
  HWY_DYNAMIC_DISPATCH(sum_weight_rows)(grad, x, kernel, begin, end, grad_w, grad_bias);
}

}  // namespace cpu
}  // namespace wta
#endif  // HWY_ONCE
