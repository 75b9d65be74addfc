#include "eval/similar_atoms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/rng.h"

namespace wta {
namespace {

double cosine(std::span<const float> a, std::span<const float> b) {
  double product = 0;
  double squares_a = 0;
  double squares_b = 0;
  for (std::size_t d = 0; d < a.size(); ++d) {
    product += static_cast<double>(a[d]) * b[d];
    squares_a += static_cast<double>(a[d]) * a[d];
    squares_b += static_cast<double>(b[d]) * b[d];
  }
  return product / std::sqrt(squares_a * squares_b);
}

TEST(SimilarAtoms, AreThoseOfEveryPairComparedInDouble) {
  Tensor<float> atoms({150, 9});  // more than two tasks
  const Rng rng(3, Purpose::validation);
  for (std::int64_t i = 0; i < atoms.size(); ++i) {
    atoms[i] = (rng.uniform(static_cast<std::uint64_t>(i)) - 0.4F) * static_cast<float>(1 + i % 7);
  }
  const auto found = similar_atoms({.threads = 2}, atoms.matrix(), 5);
  ASSERT_EQ(found.size(), 150U);
  for (std::int64_t u = 0; u < 150; ++u) {
    const auto& own = found[static_cast<std::size_t>(u)];
    ASSERT_EQ(own.size(), 5U);
    for (std::size_t i = 0; i < own.size(); ++i) {
      EXPECT_NEAR(own[i].cosine, cosine(atoms.matrix().row_span(u), atoms.matrix().row_span(own[i].unit)),
                  1e-5);
      EXPECT_GE(own[std::max<std::size_t>(i, 1) - 1].cosine, own[i].cosine);
    }
    for (std::int64_t v = 0; v < 150; ++v) {
      const bool listed = std::ranges::any_of(own, [&](const SimilarAtom& atom) { return atom.unit == v; });
      if (v == u) {
        EXPECT_FALSE(listed);
      } else if (!listed) {
        EXPECT_LE(cosine(atoms.matrix().row_span(u), atoms.matrix().row_span(v)), own.back().cosine + 1e-5);
      }
    }
  }
}

TEST(SimilarAtoms, EqualCosinesGoToTheLowerUnitAndZerosToNobody) {
  const Tensor<float> atoms({5, 2}, std::vector<float>{2, 0, 0, 0, 3, 0, 1, 0, 0, -1});
  const auto found = similar_atoms({.threads = 1}, atoms.matrix(), 2);
  ASSERT_EQ(found[0].size(), 2U);
  EXPECT_EQ(found[0][0].unit, 2);
  EXPECT_EQ(found[0][1].unit, 3);
  EXPECT_EQ(found[3][0].unit, 0);
  EXPECT_TRUE(found[1].empty());
  EXPECT_EQ(found[4].size(), 2U);
  EXPECT_EQ(found[4][0].cosine, 0);
  EXPECT_EQ(similar_atoms({.threads = 1}, atoms.matrix(), 9)[0].size(), 3U);
}

}  // namespace
}  // namespace wta
