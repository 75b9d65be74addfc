#pragma once
/// Feature maps of a batch in memory: [samples, height, width, channels], channels last, each sample inside a
/// frame of zeros, so that every patch around a position is whole and kernels need no case for the edge.

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace wta {

/// Extents of one sample's maps and of the frame that is stored around them.
struct MapShape {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;
  std::int64_t border = 0;         ///< rows above and columns left of the maps; at least as many below, right
  std::int64_t stored_height = 0;  ///< with the frame
  std::int64_t stored_width = 0;

  [[nodiscard]] std::int64_t positions() const { return height * width; }
  /// Values of a sample without its frame, and with it.
  [[nodiscard]] std::int64_t size() const { return positions() * channels; }
  [[nodiscard]] std::int64_t stored_size() const { return stored_height * stored_width * channels; }
  /// From one row to the next.
  [[nodiscard]] std::int64_t row_stride() const { return stored_width * channels; }
};

/// Maps for a kernel of odd size `kernel` that works in tiles of `tile` x `tile` positions: the frame also
/// covers what the last tiles read behind the right and bottom edge. A kernel and a tile of 1: no frame.
[[nodiscard]] inline MapShape framed(std::int64_t height, std::int64_t width, std::int64_t channels,
                                     std::int64_t kernel, std::int64_t tile = 1) {
  const auto stored = [&](std::int64_t extent) { return (extent + tile - 1) / tile * tile + kernel - 1; };
  return {height, width, channels, (kernel - 1) / 2, stored(height), stored(width)};
}

/// The smallest frame that covers those of both; a and b are the same maps.
[[nodiscard]] inline MapShape joined(const MapShape& a, const MapShape& b) {
  MapShape both = a;
  both.border = std::max(a.border, b.border);
  both.stored_height = both.border + std::max(a.stored_height - a.border, b.stored_height - b.border);
  both.stored_width = both.border + std::max(a.stored_width - a.border, b.stored_width - b.border);
  return both;
}

/// Maps of some samples; not owned.
template <class T>
struct MapsView {
  T* data = nullptr;
  MapShape shape;
  std::int64_t samples = 0;

  MapsView() = default;
  MapsView(T* d, const MapShape& s, std::int64_t n) : data(d), shape(s), samples(n) {}
  template <class U>
    requires std::is_same_v<const U, T>
  // NOLINTNEXTLINE(google-explicit-constructor): maps to write are maps to read
  MapsView(const MapsView<U>& other) : data(other.data), shape(other.shape), samples(other.samples) {}

  /// The channels at a position of sample n; y and x may lie in the frame (down to -border).
  [[nodiscard]] T* at(std::int64_t n, std::int64_t y, std::int64_t x) const {
    return data + n * shape.stored_size() + (y + shape.border) * shape.row_stride() +
           (x + shape.border) * shape.channels;
  }
  /// Top left corner of the patch of size `kernel` around a row-major position: `kernel` rows of
  /// kernel * channels values, row_stride apart.
  [[nodiscard]] T* patch(std::int64_t n, std::int64_t position, std::int64_t kernel) const {
    const std::int64_t radius = (kernel - 1) / 2;
    return at(n, position / shape.width - radius, position % shape.width - radius);
  }
  /// Samples [begin, end).
  [[nodiscard]] MapsView sample_range(std::int64_t begin, std::int64_t end) const {
    return {data + begin * shape.stored_size(), shape, end - begin};
  }
};

template <class T>
using ConstMapsView = MapsView<const T>;

}  // namespace wta
