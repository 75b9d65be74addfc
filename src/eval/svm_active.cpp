#include "eval/svm_active.h"

#include <algorithm>

#include "core/parallel.h"

namespace wta::svm {
namespace {

/// Sums over samples are cut into at most this many parts, whatever the number of threads.
constexpr std::int64_t kMaxParts = 16;
/// Samples whose terms are summed in float before they go into a double.
constexpr std::int64_t kRowsPerSum = 512;
constexpr std::int64_t kOutputTile = 1024;
/// A block of samples stays in the second-level cache between the two products.
constexpr std::int64_t kBlockBytes = std::int64_t{512} * 1024;
constexpr std::int64_t kMaxBlockRows = 64;

std::int64_t block_rows(std::int64_t features) {
  const std::int64_t row_bytes = std::max<std::int64_t>(1, features) * std::int64_t{sizeof(float)};
  return std::clamp<std::int64_t>(kBlockBytes / row_bytes / 4 * 4, 8, kMaxBlockRows);
}

}  // namespace

/// Collects the active pairs sample by sample.
class ActivePairs::Builder {
 public:
  Builder(const Problem& problem, ConstMatrixView<double> scores, const ClassFlags& left)
      : problem_(problem), scores_(scores), left_(left), terms_(left.size()) {}

  std::vector<Block> run() {
    const std::int64_t full = block_rows(problem_.codes.cols);
    for (std::int64_t i = 0; i < scores_.cols; ++i) {
      if (!add_pairs_of(i)) continue;
      block_.rows.push_back(problem_.codes.row(problem_.samples[i]));
      if (static_cast<std::int64_t>(block_.rows.size()) == full) close_block();
    }
    if (!block_.rows.empty()) close_block();
    return std::move(blocks_);
  }

 private:
  bool add_pairs_of(std::int64_t i) {
    bool any = false;
    for (std::int64_t k = 0; k < problem_.classes; ++k) {
      if (left_[k] == 0) continue;
      const double y = problem_.sign(i, k);
      const double margin = 1 - y * scores_(k, i);
      if (!(margin > 0)) continue;
      terms_[k].push_back({static_cast<std::int32_t>(block_.rows.size()), static_cast<float>(-y * margin)});
      any = true;
    }
    return any;
  }

  void close_block() {
    auto& [list, offsets] = block_.losses;
    for (auto& of_class : terms_) {
      offsets.push_back(static_cast<std::int64_t>(list.size()));
      list.insert(list.end(), of_class.begin(), of_class.end());
      of_class.clear();
    }
    offsets.push_back(static_cast<std::int64_t>(list.size()));
    blocks_.push_back(std::move(block_));
    block_ = {};
  }

  const Problem& problem_;
  ConstMatrixView<double> scores_;
  const ClassFlags& left_;
  std::vector<std::vector<WeightedRow>> terms_;  // of the open block, by class
  Block block_;
  std::vector<Block> blocks_;
};

/// Weighted rows of some blocks, summed.
class ActivePairs::Sum {
 public:
  explicit Sum(const Problem& problem)
      : problem_(problem),
        recent_({problem.classes, problem.codes.cols}),
        total_(static_cast<std::size_t>(problem.parameters())) {}

  void add(const Block& block, const Terms& terms) {
    for (std::int64_t k = 0; k < problem_.classes; ++k) {
      double& bias = total_[k * problem_.inputs() + problem_.codes.cols];
      for (std::int64_t t = terms.offsets[k]; t < terms.offsets[k + 1]; ++t) bias += terms.list[t].weight;
    }
    add_weighted_rows(block.rows, terms.list, terms.offsets, recent_.matrix());
    recent_rows_ += static_cast<std::int64_t>(block.rows.size());
    if (recent_rows_ >= kRowsPerSum) flush();
  }

  std::vector<double> finish() {
    flush();
    return std::move(total_);
  }

 private:
  void flush() {
    for (std::int64_t k = 0; k < problem_.classes; ++k) {
      float* from = recent_.matrix().row(k);
      double* to = total_.data() + k * problem_.inputs();
      for (std::int64_t d = 0; d < problem_.codes.cols; ++d) {
        to[d] += from[d];
        from[d] = 0;
      }
    }
    recent_rows_ = 0;
  }

  const Problem& problem_;
  Tensor<float> recent_;
  std::vector<double> total_;
  std::int64_t recent_rows_ = 0;
};

ActivePairs::ActivePairs(const Problem& problem, ConstMatrixView<double> scores, const ClassFlags& left)
    : problem_(problem), blocks_(Builder(problem, scores, left).run()) {}

template <class TermsOf>
void ActivePairs::sum_blocks(const Context& context, const TermsOf& terms_of, std::span<double> out) const {
  const auto blocks = static_cast<std::int64_t>(blocks_.size());
  const std::int64_t parts = std::min(kMaxParts, blocks);
  std::vector<std::vector<double>> sums(static_cast<std::size_t>(parts));
  parallel_for(context, parts, [&](std::int64_t part) {
    Sum sum(problem_);
    for (std::int64_t b = part * blocks / parts; b < (part + 1) * blocks / parts; ++b) {
      sum.add(blocks_[b], terms_of(blocks_[b]));
    }
    sums[part] = sum.finish();
  });
  parallel_for_tiles(context, problem_.parameters(), kOutputTile, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      double sum = 0;
      for (const auto& part : sums) sum += part[i];
      const bool is_bias = (i + 1) % problem_.inputs() == 0;
      out[i] = is_bias ? sum : sum / problem_.code_scale;
    }
  });
}

void ActivePairs::sum_losses(const Context& context, std::span<double> out) const {
  sum_blocks(
      context, [](const Block& block) -> const Terms& { return block.losses; }, out);
}

/// The active rows of a block, each weighted with its product with v of its class.
ActivePairs::Terms ActivePairs::project(const Block& block, const FloatWeights& v,
                                        const ClassFlags& left) const {
  Terms terms;
  for (std::int64_t k = 0; k < problem_.classes; ++k) {
    terms.offsets.push_back(static_cast<std::int64_t>(terms.list.size()));
    if (left[k] == 0) continue;
    const std::int64_t begin = block.losses.offsets[k];
    const std::int64_t count = block.losses.offsets[k + 1] - begin;
    std::vector<const float*> rows;
    for (std::int64_t t = 0; t < count; ++t) rows.push_back(block.rows[block.losses.list[begin + t].row]);
    std::vector<float> products(rows.size(), v.bias[k]);
    add_dot_products(rows, v.weight.matrix().row_range(k, k + 1), {products.data(), count, 1, 1});
    for (std::int64_t t = 0; t < count; ++t) {
      terms.list.push_back({block.losses.list[begin + t].row, products[t]});
    }
  }
  terms.offsets.push_back(static_cast<std::int64_t>(terms.list.size()));
  return terms;
}

void ActivePairs::multiply_hessian(const Context& context, std::span<const double> v, const ClassFlags& left,
                                   std::span<double> out) const {
  const FloatWeights weights(problem_, v);
  sum_blocks(
      context, [&](const Block& block) { return project(block, weights, left); }, out);
}

std::vector<const float*> ActivePairs::rows_of(std::int64_t k) const {
  std::vector<const float*> rows;
  for (const Block& block : blocks_) {
    const auto& [list, offsets] = block.losses;
    for (std::int64_t t = offsets[k]; t < offsets[k + 1]; ++t) rows.push_back(block.rows[list[t].row]);
  }
  return rows;
}

std::int64_t ActivePairs::count() const {
  std::int64_t count = 0;
  for (const Block& block : blocks_) count += block.losses.offsets.back();
  return count;
}

}  // namespace wta::svm
