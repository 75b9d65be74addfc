#include "eval/svm_preconditioner.h"

#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Cholesky>
#include <algorithm>
#include <numeric>

#include "core/parallel.h"
#include "eval/svm_products.h"
#include "wta/error.h"

namespace wta::svm {
namespace {

constexpr std::int64_t kLandmarkTile = 64;
constexpr std::int64_t kFeatureChunk = 512;
constexpr std::int64_t kColumnTile = 1024;
/// Added to the diagonal, relative to it, against rounding: it only makes P a little rounder.
constexpr float kJitter = 1e-5F;

using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::vector<const float*> evenly_spaced(const std::vector<const float*>& rows, std::int64_t count) {
  const auto total = static_cast<std::int64_t>(rows.size());
  if (total <= count) return rows;
  std::vector<const float*> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(rows[i * total / count]);
  return out;
}

/// out[i,j] += rows[i] . rows[j] for i in [begin, end), j in [0, end), in chunks that stay in cache.
void add_row_products(std::span<const float* const> rows, std::int64_t begin, std::int64_t end,
                      std::int64_t features, MatrixView<float> out) {
  Tensor<float> packed({kLandmarkTile, kFeatureChunk});
  std::vector<const float*> chunk(static_cast<std::size_t>(end - begin));
  for (std::int64_t d = 0; d < features; d += kFeatureChunk) {
    const std::int64_t width = std::min(kFeatureChunk, features - d);
    for (std::int64_t i = begin; i < end; ++i) chunk[i - begin] = rows[i] + d;
    for (std::int64_t j = 0; j < end; j += kLandmarkTile) {
      const std::int64_t columns = std::min(kLandmarkTile, end - j);
      for (std::int64_t c = 0; c < columns; ++c) std::copy_n(rows[j + c] + d, width, packed.matrix().row(c));
      add_dot_products(chunk, {packed.data(), columns, width, kFeatureChunk},
                       {out.row(begin) + j, end - begin, columns, out.stride});
    }
  }
}

}  // namespace

Preconditioner::Preconditioner(const Context& context, const ActivePairs& active, double C,
                               const ClassFlags& left)
    : problem_(active.problem()), classes_(left.size()) {
  const std::int64_t most = std::min(kMaxLandmarks, problem_.inputs());
  std::vector<Tile> tiles;
  for (std::int64_t k = 0; k < problem_.classes; ++k) {
    const auto rows = left[k] != 0 ? active.rows_of(k) : std::vector<const float*>();
    if (rows.empty()) continue;
    Landmarks& landmarks = classes_[k];
    landmarks.rows = evenly_spaced(rows, most);
    const auto m = static_cast<std::int64_t>(landmarks.rows.size());
    landmarks.a = 2 * C * static_cast<double>(rows.size()) / static_cast<double>(m);
    landmarks.factor = Tensor<float>({m, m});
    for (std::int64_t i = 0; i < m; i += kLandmarkTile)
      tiles.push_back({k, i, std::min(m, i + kLandmarkTile)});
  }
  parallel_for(context, static_cast<std::int64_t>(tiles.size()), [&](std::int64_t t) {
    const auto [k, begin, end] = tiles[t];
    add_row_products(classes_[k].rows, begin, end, problem_.codes.cols, classes_[k].factor.matrix());
  });
  parallel_for(context, problem_.classes, [&](std::int64_t k) {
    if (!classes_[k].rows.empty()) factorise(classes_[k]);
  });
}

/// From products of raw codes to L.
void Preconditioner::factorise(Landmarks& landmarks) const {
  const std::int64_t m = landmarks.factor.row_count();
  Eigen::Map<FloatMatrix> matrix(landmarks.factor.data(), m, m);
  const double scale_square = problem_.code_scale * problem_.code_scale;
  matrix.array() = matrix.array() * static_cast<float>(1 / scale_square) + 1;  // 1: the constant feature
  matrix.diagonal().array() += static_cast<float>(1 / landmarks.a);
  matrix.diagonal() *= 1 + kJitter;
  const Eigen::LLT<Eigen::Ref<FloatMatrix>, Eigen::Lower> cholesky(matrix);
  if (cholesky.info() != Eigen::Success) {
    throw InternalError("svm preconditioner: the products must be positive definite. Please report this.");
  }
}

/// share = (L L^T)^-1 share
void Preconditioner::solve(const Landmarks& landmarks, std::vector<float>& share) const {
  const auto m = static_cast<std::int64_t>(share.size());
  const Eigen::Map<const FloatMatrix> factor(landmarks.factor.data(), m, m);
  Eigen::Map<Eigen::VectorXf> values(share.data(), m);
  factor.triangularView<Eigen::Lower>().solveInPlace(values);
  factor.transpose().triangularView<Eigen::Upper>().solveInPlace(values);
}

/// out = r - S^T share for the features of a tile; the last tile of a class takes its bias with it.
void Preconditioner::subtract_rows(const Tile& tile, std::span<const float> share, std::span<const double> r,
                                   std::span<double> out) const {
  const auto& [k, begin, end] = tile;
  std::vector<const float*> rows;
  std::vector<WeightedRow> terms;
  for (std::size_t j = 0; j < share.size(); ++j) {
    rows.push_back(classes_[k].rows[j] + begin);
    terms.push_back({static_cast<std::int32_t>(j), share[j]});
  }
  const std::vector<std::int64_t> offsets = {0, static_cast<std::int64_t>(terms.size())};
  Tensor<float> sum({1, end - begin});
  add_weighted_rows(rows, terms, offsets, sum.matrix());
  const std::int64_t first = k * problem_.inputs();
  for (std::int64_t d = begin; d < end; ++d) {
    out[first + d] = r[first + d] - sum[d - begin] / problem_.code_scale;
  }
  const std::int64_t bias = problem_.codes.cols;
  if (end == bias) out[first + bias] = r[first + bias] - std::accumulate(share.begin(), share.end(), 0.0);
}

void Preconditioner::apply(const Context& context, std::span<const double> r, const ClassFlags& left,
                           std::span<double> out) const {
  const FloatWeights weights(problem_, r);
  std::vector<std::vector<float>> shares(classes_.size());
  std::vector<Tile> row_tiles;
  std::vector<Tile> column_tiles;
  const auto cut = [](std::int64_t k, std::int64_t count, std::int64_t tile, std::vector<Tile>& tiles) {
    for (std::int64_t i = 0; i < count; i += tile) tiles.push_back({k, i, std::min(count, i + tile)});
  };
  for (std::int64_t k = 0; k < problem_.classes; ++k) {
    if (left[k] == 0) continue;
    shares[k].assign(classes_[k].rows.size(), weights.bias[k]);
    cut(k, static_cast<std::int64_t>(shares[k].size()), kLandmarkTile, row_tiles);
    cut(k, problem_.codes.cols, kColumnTile, column_tiles);
  }
  parallel_for(context, static_cast<std::int64_t>(row_tiles.size()), [&](std::int64_t t) {
    const auto [k, begin, end] = row_tiles[t];
    add_dot_products(std::span(classes_[k].rows.data() + begin, classes_[k].rows.data() + end),
                     weights.weight.matrix().row_range(k, k + 1),
                     {shares[k].data() + begin, end - begin, 1, 1});
  });
  parallel_for(context, problem_.classes, [&](std::int64_t k) {
    if (!shares[k].empty()) solve(classes_[k], shares[k]);
  });
  parallel_for(context, static_cast<std::int64_t>(column_tiles.size()),
               [&](std::int64_t t) { subtract_rows(column_tiles[t], shares[column_tiles[t].k], r, out); });
}

}  // namespace wta::svm
