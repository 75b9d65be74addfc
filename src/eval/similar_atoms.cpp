#include "eval/similar_atoms.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/parallel.h"
#include "kernels/linear_relu.h"

namespace wta {
namespace {

constexpr std::int64_t kAtomsPerTask = 64;

// Rows of length 1; those of zeros stay.
Tensor<float> unit_rows(ConstMatrixView<float> atoms) {
  Tensor<float> rows({atoms.rows, atoms.cols});
  for (std::int64_t u = 0; u < atoms.rows; ++u) {
    double squares = 0;
    for (const float value : atoms.row_span(u)) squares += static_cast<double>(value) * value;
    const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (std::int64_t d = 0; d < atoms.cols; ++d)
      rows.matrix()(u, d) = static_cast<float>(atoms(u, d) * scale);
  }
  return rows;
}

// `rows`: of the atoms that have a length.
std::vector<bool> has_length(ConstMatrixView<float> rows) {
  std::vector<bool> result;
  for (std::int64_t u = 0; u < rows.rows; ++u) {
    result.push_back(std::ranges::any_of(rows.row_span(u), [](float value) { return value != 0; }));
  }
  return result;
}

std::vector<SimilarAtom> largest(std::span<const float> cosines, const std::vector<bool>& eligible,
                                 std::int64_t own, std::int64_t count) {
  std::vector<SimilarAtom> found;
  for (std::size_t v = 0; v < cosines.size(); ++v) {
    const auto unit = static_cast<std::int64_t>(v);
    if (eligible[v] && unit != own) found.push_back({.unit = unit, .cosine = cosines[v]});
  }
  const auto kept = std::min<std::ptrdiff_t>(count, std::ssize(found));
  std::partial_sort(found.begin(), found.begin() + kept, found.end(),
                    [](const SimilarAtom& a, const SimilarAtom& b) {
                      return a.cosine != b.cosine ? a.cosine > b.cosine : a.unit < b.unit;
                    });
  found.resize(static_cast<std::size_t>(kept));
  return found;
}

}  // namespace

std::vector<std::vector<SimilarAtom>> similar_atoms(const Context& context, ConstMatrixView<float> atoms,
                                                    std::int64_t count) {
  const Tensor<float> rows = unit_rows(atoms);
  const std::vector<bool> eligible = has_length(rows.matrix());
  const std::vector<float> no_bias(static_cast<std::size_t>(atoms.rows));
  std::vector<std::vector<SimilarAtom>> result(static_cast<std::size_t>(atoms.rows));
  parallel_for_tiles(context, atoms.rows, kAtomsPerTask, [&](std::int64_t begin, std::int64_t end) {
    Tensor<float> cosines({end - begin, atoms.rows});
    cpu::linear_by_sample(rows.matrix(), no_bias, rows.matrix().row_range(begin, end), cosines.matrix());
    for (std::int64_t u = begin; u < end; ++u) {
      if (!eligible[static_cast<std::size_t>(u)]) continue;
      result[static_cast<std::size_t>(u)] =
          largest(std::as_const(cosines).matrix().row_span(u - begin), eligible, u, count);
    }
  });
  return result;
}

}  // namespace wta
