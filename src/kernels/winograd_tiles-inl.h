/// The tiles of Winograd's convolution and their two-dimensional transforms, compiled once per instruction
/// set.
#if defined(WTA_KERNELS_WINOGRAD_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef WTA_KERNELS_WINOGRAD_TILES_INL_H_
#undef WTA_KERNELS_WINOGRAD_TILES_INL_H_
#else
#define WTA_KERNELS_WINOGRAD_TILES_INL_H_
#endif

#include "kernels/conv_paths.h"
#include "kernels/winograd_transforms-inl.h"

HWY_BEFORE_NAMESPACE();
namespace wta {
namespace HWY_NAMESPACE {

/// Calls task<m, k>() for a kernel and its tile, as conv_tiles has them.
template <class Task>
void with_size(std::int64_t kernel, std::int64_t tile, Task task) {
  switch (kernel) {
    case 3:
      return tile == 4 ? task.template operator()<4, 3>() : task.template operator()<6, 3>();
    case 5:
      return task.template operator()<4, 5>();
    case 7:
      return task.template operator()<2, 7>();
  }
}

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

/// Where a tile lies.
struct Tile {
  Tile(const cpu::TileGrid& grid, std::int64_t index)
      : sample(index / grid.tiles()),
        y(index % grid.tiles() / grid.tiles_x * grid.tile),
        x(index % grid.tiles_x * grid.tile) {}
  std::int64_t sample;
  std::int64_t y;
  std::int64_t x;
};

/// Where the frequencies of a tile go, one after the other: kLanes floats, `stride` from one to the next.
struct FrequencyRows {
  float* first;
  std::int64_t stride;
};

/// Transforms a square of `extent` x `extent` positions from `corner` on, kLanes channels of which `channels`
/// exist, to side x side frequencies.
template <int extent, int side, class Transform>
HWY_INLINE void transform_positions(const MapShape& shape, const float* HWY_RESTRICT corner,
                                    std::int64_t channels, Transform transform, const FrequencyRows& to) {
  const Floats d;
  const auto with = [&](auto load) {
    transform_both<extent, side>(
        [&](int i, int j) { return load(corner + i * shape.row_stride() + j * shape.channels); }, transform,
        [&](int i, const FloatVector* v) {
          for (int j = 0; j < side; ++j) hn::Store(v[j], d, to.first + (i * side + j) * to.stride);
        });
  };
  if (channels >= kLanes) {
    with([&](const float* from) { return hn::LoadU(d, from); });
  } else {
    with([&](const float* from) { return load_part(from, channels); });
  }
}

/// D = B^T x B of a tile, corner: where its inputs begin.
template <int m, int k>
void transform_inputs(const MapShape& shape, const float* HWY_RESTRICT corner, std::int64_t channels,
                      const FrequencyRows& to) {
  constexpr int kSide = m + k - 1;
  transform_positions<kSide, kSide>(
      shape, corner, channels, [](const FloatVector* in, FloatVector* v) { transform_input<kSide>(in, v); },
      to);
}

/// E = A g A^T of a tile, corner: where its outputs begin.
template <int m, int k>
void transform_gradients(const MapShape& shape, const float* HWY_RESTRICT corner, std::int64_t channels,
                         const FrequencyRows& to) {
  constexpr int kSide = m + k - 1;
  transform_positions<m, kSide>(
      shape, corner, channels,
      [](const FloatVector* in, FloatVector* v) { transform_gradient<kSide, m>(in, v); }, to);
}

}  // namespace HWY_NAMESPACE
}  // namespace wta
HWY_AFTER_NAMESPACE();
#endif  // include guard
