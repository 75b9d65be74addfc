// Long because the one-dimensional transforms of all sizes share their tables.
/// The transforms of Winograd's convolution in one dimension, on vectors of channels; compiled once per
/// instruction set.
///
/// F(m, k) with t = m + k - 1 points p: y = A^T [(G g) * (B^T d)], where
///   A^T[a,i] = p_i^a                           the point at infinity: only a = m - 1
///   B^T[i,:] = coefficients of prod_{l != i} (x - p_l), divided by s_i = the largest of them
///   G[i,j]   = p_i^j s_i / prod_{l != i} (p_i - p_l)           infinity: only j = k - 1
/// The points are 0, +-1, +-2, (+-1/2 if t = 8), infinity, in this order. Of a pair +-p, the even powers
/// agree and the odd ones differ in sign, so each is summed once.
#if defined(WTA_KERNELS_WINOGRAD_TRANSFORMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef WTA_KERNELS_WINOGRAD_TRANSFORMS_INL_H_
#undef WTA_KERNELS_WINOGRAD_TRANSFORMS_INL_H_
#else
#define WTA_KERNELS_WINOGRAD_TRANSFORMS_INL_H_
#endif

#include <cstddef>

#include "kernels/simd_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// The matrices for t points, folded by the symmetry of the pairs.
template <int t>
struct WinogradPoints {
  static constexpr int kPairs = t / 2 - 1;
  double point[kPairs] = {};             ///< p > 0 of each pair
  float outer[kPairs + 1] = {};          ///< B^T of 0 (even inputs) and of infinity (odd inputs)
  float even[kPairs][kPairs] = {};       ///< B^T of a pair: inputs 2, 4, ..
  float odd[kPairs][kPairs] = {};        ///< inputs 1, 3, ..; added for +p, subtracted for -p
  double filter_scale[kPairs + 2] = {};  ///< s_i / prod_{l != i} (p_i - p_l) of 0, each pair, infinity

  constexpr WinogradPoints() {
    constexpr double kPoints[] = {1, 2, 0.5};
    for (int i = 0; i < kPairs; ++i) point[i] = kPoints[i];
    double all[kPairs + 1] = {};
    const double outer_scale = coefficients(-1, all);
    for (int i = 0; i <= kPairs; ++i) outer[i] = static_cast<float>(all[i] / outer_scale);
    filter_scale[0] = outer_scale / all[0];
    filter_scale[kPairs + 1] = outer_scale;
    for (int pair = 0; pair < kPairs; ++pair) set_pair(pair);
  }

 private:
  /// Coefficients of prod (x - q^2) over all pairs but one, ascending; returns the largest magnitude.
  constexpr double coefficients(int left_out, double* c) const {
    int degree = 0;
    c[0] = 1;
    for (int pair = 0; pair < kPairs; ++pair) {
      if (pair == left_out) continue;
      c[++degree] = 0;
      for (int i = degree; i >= 0; --i) c[i] = (i > 0 ? c[i - 1] : 0) - point[pair] * point[pair] * c[i];
    }
    double largest = 0;
    for (int i = 0; i <= degree; ++i) largest = c[i] > largest ? c[i] : -c[i] > largest ? -c[i] : largest;
    return largest;
  }

  constexpr void set_pair(int pair) {
    const double p = point[pair];
    double c[kPairs + 1] = {};
    const double scale = coefficients(pair, c) * (p > 1 ? p : 1);
    double at_square = 0;
    for (int i = kPairs - 1; i >= 0; --i) at_square = at_square * p * p + c[i];
    for (int i = 0; i < kPairs; ++i) {
      even[pair][i] = static_cast<float>(c[i] / scale);
      odd[pair][i] = static_cast<float>(p * c[i] / scale);
    }
    filter_scale[pair + 1] = scale / (2 * p * p * at_square);
  }
};

template <int t>
inline constexpr WinogradPoints<t> kPoints{};

/// p^power of a pair.
template <int t>
constexpr float point_power(int pair, int power) {
  double value = 1;
  for (int i = 0; i < power; ++i) value *= kPoints<t>.point[pair];
  return static_cast<float>(value);
}

/// v = B^T d.
template <int t>
HWY_INLINE void transform_input(const FloatVector* HWY_RESTRICT d, FloatVector* HWY_RESTRICT v) {
  const Floats tag;
  constexpr const WinogradPoints<t>& kP = kPoints<t>;
  FloatVector zero = hn::Mul(d[0], hn::Set(tag, kP.outer[0]));
  FloatVector infinity = hn::Mul(d[1], hn::Set(tag, kP.outer[0]));
  for (std::ptrdiff_t i = 1; i <= kP.kPairs; ++i) {
    zero = hn::MulAdd(d[2 * i], hn::Set(tag, kP.outer[i]), zero);
    infinity = hn::MulAdd(d[2 * i + 1], hn::Set(tag, kP.outer[i]), infinity);
  }
  v[0] = zero;
  v[t - 1] = infinity;
  for (std::ptrdiff_t pair = 0; pair < kP.kPairs; ++pair) {
    FloatVector even = hn::Mul(d[2], hn::Set(tag, kP.even[pair][0]));
    FloatVector odd = hn::Mul(d[1], hn::Set(tag, kP.odd[pair][0]));
    for (std::ptrdiff_t i = 1; i < kP.kPairs; ++i) {
      even = hn::MulAdd(d[2 * i + 2], hn::Set(tag, kP.even[pair][i]), even);
      odd = hn::MulAdd(d[2 * i + 1], hn::Set(tag, kP.odd[pair][i]), odd);
    }
    v[2 * pair + 1] = hn::Add(even, odd);
    v[2 * pair + 2] = hn::Sub(even, odd);
  }
}

/// u_i = sum over j of p_i^j g_j, n values; the point at infinity takes the last. Scaled: the rows of G.
template <int t, int n, bool scaled>
HWY_INLINE void evaluate_at_points(const FloatVector* HWY_RESTRICT g, FloatVector* HWY_RESTRICT u) {
  const Floats tag;
  constexpr int kPairs = WinogradPoints<t>::kPairs;
  const auto weight = [&](int row, int pair, int j) {
    return hn::Set(tag,
                   static_cast<float>(scaled ? kPoints<t>.filter_scale[row] : 1) * point_power<t>(pair, j));
  };
  u[0] = scaled ? hn::Mul(g[0], weight(0, 0, 0)) : g[0];
  u[t - 1] = scaled ? hn::Mul(g[n - 1], weight(kPairs + 1, 0, 0)) : g[n - 1];
  for (int pair = 0; pair < kPairs; ++pair) {
    const auto term = [&](int j) { return weight(pair + 1, pair, j); };
    FloatVector even = hn::Mul(g[0], term(0));
    FloatVector odd = hn::Mul(g[1], term(1));
    for (int j = 2; j < n; j += 2) even = hn::MulAdd(g[j], term(j), even);
    for (int j = 3; j < n; j += 2) odd = hn::MulAdd(g[j], term(j), odd);
    u[2 * pair + 1] = hn::Add(even, odd);
    u[2 * pair + 2] = hn::Sub(even, odd);
  }
}

/// u = G g.
template <int t, int k>
HWY_INLINE void transform_filter(const FloatVector* HWY_RESTRICT g, FloatVector* HWY_RESTRICT u) {
  evaluate_at_points<t, k, true>(g, u);
}

/// e = A y: the adjoint of transform_output.
template <int t, int m>
HWY_INLINE void transform_gradient(const FloatVector* HWY_RESTRICT y, FloatVector* HWY_RESTRICT e) {
  evaluate_at_points<t, m, false>(y, e);
}

/// y = A^T x.
template <int t, int m>
HWY_INLINE void transform_output(const FloatVector* HWY_RESTRICT x, FloatVector* HWY_RESTRICT y) {
  const Floats tag;
  constexpr int kPairs = WinogradPoints<t>::kPairs;
  FloatVector even[kPairs];
  FloatVector odd[kPairs];
  for (int pair = 0; pair < kPairs; ++pair) {
    even[pair] = hn::Add(x[2 * pair + 1], x[2 * pair + 2]);
    odd[pair] = hn::Sub(x[2 * pair + 1], x[2 * pair + 2]);
  }
  for (int a = 0; a < m; ++a) {
    const FloatVector* part = a % 2 == 0 ? even : odd;
    // The first pair is +-1.
    FloatVector sum = part[0];
    for (int pair = 1; pair < kPairs; ++pair) {
      sum = hn::MulAdd(part[pair], hn::Set(tag, point_power<t>(pair, a)), sum);
    }
    if (a == 0) sum = hn::Add(sum, x[0]);
    if (a == m - 1) sum = hn::Add(sum, x[t - 1]);
    y[a] = sum;
  }
}

/// The factor of row i of G: G^T x = A^T (scale * x), with A of k rows.
template <int t>
HWY_INLINE float filter_scale(int i) {
  return static_cast<float>(kPoints<t>.filter_scale[(i + 1) / 2]);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
