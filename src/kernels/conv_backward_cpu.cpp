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

/// How the products of a call see a patch of `kernel` rows: as it lies in the maps, or, if it is narrow,
/// copied to one run of whole vectors.
struct PatchLayout {
  PatchLayout(const MapShape& shape, std::int64_t kernel)
      : narrow(kernel * shape.channels < kNarrowRun),
        rows(kernel),
        row_columns(kernel * shape.channels),
        row_stride(shape.row_stride()),
        runs(narrow ? 1 : kernel),
        columns(narrow ? (kernel * row_columns + kLanes - 1) / kLanes * kLanes : row_columns) {}
  /// Room for `patches` copies, `columns` apart; none if patches are used where they lie.
  [[nodiscard]] AlignedVector<float> room(std::int64_t patches) const {
    AlignedVector<float> copies;
    if (narrow) copies.assign(static_cast<std::size_t>(patches * columns), 0.0F);
    return copies;
  }
  bool narrow;
  std::int64_t rows;  ///< of the patch in the maps
  std::int64_t row_columns;
  std::int64_t row_stride;
  std::int64_t runs;  ///< of the patch in the product
  std::int64_t columns;
};

inline std::int64_t block_count(std::int64_t rows) {
  return (rows + kBlockRows - 1) / kBlockRows;
}

/// Adds the products of all blocks of outputs. `product` is that of the first block; factors(b) gives those
/// of block b; packed has room for kBlockVectors vectors of each term.
template <class Factors>
HWY_INLINE void add_products(PatchProduct product, const PatchLayout& layout, std::int64_t outputs,
                             const Factors& factors, float* packed) {
  constexpr std::int64_t kColumns = kBlockVectors * kLanes;
  float* const* out = product.out;
  for (std::int64_t run = 0; run < layout.runs; ++run) {
    for (std::int64_t column = 0; column < layout.columns; column += kColumns) {
      const ColumnBlock block{run, column, std::min(kColumns, layout.columns - column)};
      pack_terms(product, block, packed);
      for (std::int64_t b = 0; b < block_count(outputs); ++b) {
        product.out = out + b * kBlockRows;
        product.rows = std::min<std::int64_t>(kBlockRows, outputs - b * kBlockRows);
        add_product(product, block, factors(b), packed);
      }
    }
  }
}

inline AlignedVector<float> room_of_packed(std::int64_t terms) {
  return AlignedVector<float>(static_cast<std::size_t>(terms * kBlockVectors * kLanes));
}

/// The patch's rows, one behind the other.
inline void copy_patch(const PatchLayout& layout, const float* HWY_RESTRICT patch, float* HWY_RESTRICT copy) {
  const Floats d;
  for (std::int64_t i = 0; i < layout.rows; ++i, patch += layout.row_stride, copy += layout.row_columns) {
    std::int64_t c = 0;
    for (; c + kLanes <= layout.row_columns; c += kLanes) hn::StoreU(hn::LoadU(d, patch + c), d, copy + c);
    const std::int64_t left = layout.row_columns - c;
    if (left == 0) continue;
    if (kOverlapTails) {
      std::copy_n(patch + c, left, copy + c);
    } else {
      store_part(load_part(patch + c, left), copy + c, left);
    }
  }
}

/// factor [blocks, positions, kBlockRows] = the gradient of outputs [begin, end); their sums go to `bias`.
inline void gather_outputs(ConstMapsView<float> grad, std::int64_t n, std::span<const std::int32_t> positions,
                           std::int64_t begin, std::int64_t end, float* HWY_RESTRICT factor,
                           float* HWY_RESTRICT bias) {
  const hn::CappedTag<float, kBlockRows> d;
  static_assert(hn::MaxLanes(d) == kBlockRows);
  for (std::int64_t first = begin; first < end; first += kBlockRows) {
    const std::int64_t count = std::min<std::int64_t>(kBlockRows, end - first);
    HWY_ALIGN float lanes[kBlockRows] = {};
    auto sum = hn::Zero(d);
    for (const std::int32_t p : positions) {
      const float* from = grad.patch(n, p, 1) + first;
      if (count < kBlockRows) std::copy_n(from, count, lanes);
      const auto values = count < kBlockRows ? hn::Load(d, lanes) : hn::LoadU(d, from);
      hn::StoreU(values, d, factor);
      sum = hn::Add(sum, values);
      factor += kBlockRows;
    }
    hn::Store(sum, d, lanes);
    for (std::int64_t r = 0; r < count; ++r) bias[first + r] += lanes[r];
  }
}

/// One call of conv_grad_weight: the patches of a chunk of positions are the terms, the rows the outputs.
class WeightSum {
 public:
  WeightSum(ConstMapsView<float> x, std::int64_t kernel, std::int64_t begin, MatrixView<float> grad_w)
      : layout_(x.shape, kernel),
        x_(x),
        begin_(begin),
        grad_w_(grad_w),
        term_(static_cast<std::size_t>(kPositionChunk)),
        factor_(static_cast<std::size_t>(block_count(grad_w.rows) * kBlockRows * kPositionChunk)),
        patch_copies_(layout_.room(kPositionChunk)),
        row_copies_(layout_.room(grad_w.rows)),
        packed_(room_of_packed(kPositionChunk)) {
    for (std::int64_t o = 0; o < grad_w.rows; ++o) {
      std::fill_n(grad_w.row(o), grad_w.cols, 0.0F);
      out_.push_back(layout_.narrow ? row_copies_.data() + o * layout_.columns : grad_w.row(o));
    }
  }

  void add(ConstMapsView<float> grad, std::int64_t n, std::span<const std::int32_t> chunk, float* bias) {
    const auto terms = static_cast<std::int64_t>(chunk.size());
    gather_outputs(grad, n, chunk, begin_, begin_ + grad_w_.rows, factor_.data(), bias);
    for (std::int64_t t = 0; t < terms; ++t) {
      const float* patch = x_.patch(n, chunk[t], layout_.rows);
      float* copy = patch_copies_.data() + t * layout_.columns;
      if (layout_.narrow) copy_patch(layout_, patch, copy);
      term_[t] = layout_.narrow ? copy : patch;
    }
    add_products(
        {terms, term_.data(), layout_.row_stride, 0, out_.data(), layout_.columns}, layout_, grad_w_.rows,
        [&](std::int64_t b) { return FactorsByTerm{factor_.data() + b * terms * kBlockRows}; },
        packed_.data());
  }

  void finish() {
    if (!layout_.narrow) return;
    for (std::int64_t o = 0; o < grad_w_.rows; ++o) std::copy_n(out_[o], grad_w_.cols, grad_w_.row(o));
  }

 private:
  PatchLayout layout_;
  ConstMapsView<float> x_;
  std::int64_t begin_;
  MatrixView<float> grad_w_;
  std::vector<const float*> term_;
  std::vector<float*> out_;
  AlignedVector<float> factor_;  ///< [blocks, positions, kBlockRows]
  AlignedVector<float> patch_copies_;
  AlignedVector<float> row_copies_;
  AlignedVector<float> packed_;
};

/// One call of conv_grad_input: the rows of w are the terms, the patches of a chunk the outputs.
class InputSum {
 public:
  InputSum(ConstMatrixView<float> w, std::int64_t kernel, MapsView<float> grad_x)
      : layout_(grad_x.shape, kernel),
        grad_x_(grad_x),
        factor_(static_cast<std::size_t>(kPositionChunk + kBlockRows)),
        out_(static_cast<std::size_t>(kPositionChunk)),
        patch_copies_(layout_.room(kPositionChunk)),
        row_copies_(layout_.room(w.rows)),
        packed_(room_of_packed(w.rows)) {
    for (std::int64_t o = 0; o < w.rows; ++o) {
      float* copy = row_copies_.data() + o * layout_.columns;
      if (layout_.narrow) std::copy_n(w.row(o), w.cols, copy);
      term_.push_back(layout_.narrow ? copy : w.row(o));
    }
  }

  void add(ConstMapsView<float> grad, std::int64_t n, std::span<const std::int32_t> chunk) {
    const auto outputs = static_cast<std::int64_t>(chunk.size());
    std::fill(patch_copies_.begin(), patch_copies_.end(), 0.0F);
    for (std::int64_t p = 0; p < outputs; ++p) {
      factor_[p] = grad.patch(n, chunk[p], 1);
      out_[p] = layout_.narrow ? patch_copies_.data() + p * layout_.columns
                               : grad_x_.patch(n, chunk[p], layout_.rows);
    }
    std::fill_n(factor_.begin() + outputs, kBlockRows, factor_.front());
    const auto terms = static_cast<std::int64_t>(term_.size());
    add_products(
        {terms, term_.data(), layout_.columns, 0, out_.data(), layout_.row_stride}, layout_, outputs,
        [&](std::int64_t b) { return FactorsByRow(factor_.data() + b * kBlockRows); }, packed_.data());
    if (!layout_.narrow) return;
    for (std::int64_t p = 0; p < outputs; ++p) {
      add_scaled_patches<1>({{1}, {out_[p]}, layout_.row_columns}, layout_.rows, layout_.row_columns,
                            grad_x_.patch(n, chunk[p], layout_.rows), layout_.row_stride);
    }
  }

 private:
  PatchLayout layout_;
  MapsView<float> grad_x_;
  std::vector<const float*> term_;
  std::vector<const float*> factor_;  ///< [positions] the gradient there
  std::vector<float*> out_;
  AlignedVector<float> patch_copies_;
  AlignedVector<float> row_copies_;
  AlignedVector<float> packed_;
};

/// Calls add(n, chunk) for all chunks of the lists, in order.
template <class Add>
HWY_INLINE void for_each_chunk(const PositionLists& positions, std::int64_t samples, const Add& add) {
  for (std::int64_t n = 0; n < samples; ++n) {
    for (auto left = positions.of_sample(n); !left.empty();) {
      const auto chunk = left.first(std::min<std::size_t>(left.size(), kPositionChunk));
      left = left.subspan(chunk.size());
      add(n, chunk);
    }
  }
}

void sum_weight_rows(const ListedMaps<float>& grad, ConstMapsView<float> x, std::int64_t kernel,
                     std::int64_t begin, std::int64_t end, MatrixView<float> grad_w,
                     std::span<float> grad_bias) {
  std::fill(grad_bias.begin() + begin, grad_bias.begin() + end, 0.0F);
  WeightSum sum(x, kernel, begin, grad_w.row_range(0, end - begin));
  for_each_chunk(grad.positions, grad.maps.samples, [&](std::int64_t n, std::span<const std::int32_t> chunk) {
    sum.add(grad.maps, n, chunk, grad_bias.data());
  });
  sum.finish();
}

void add_input_patches(const ListedMaps<float>& grad, ConstMatrixView<float> w, std::int64_t kernel,
                       MapsView<float> grad_x) {
  InputSum sum(w, kernel, grad_x);
  for_each_chunk(grad.positions, grad.maps.samples,
                 [&](std::int64_t n, std::span<const std::int32_t> chunk) { sum.add(grad.maps, n, chunk); });
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
