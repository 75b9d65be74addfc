/// The kernels on feature maps, one thread, at the shapes that training runs: `./dev bench patch_kernels`.
/// Milliseconds per batch, the least of several calls, and billions of multiply-adds a second. `gemm` lines
/// are oneDNN's products of the same size alone, without the copies of patches that they would need.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <numeric>
#include <string_view>
#include <vector>

#include "core/rng.h"
#include "kernels/conv_backward.h"
#include "kernels/gemm_onednn.h"
#include "kernels/max_pool.h"
#include "kernels/paste_patches.h"
#include "kernels/patch_gradient.h"
#include "kernels/patch_weights.h"
#include "kernels/spatial_selection.h"

namespace {

using Clock = std::chrono::steady_clock;
using wta::MapShape;
using wta::Tensor;

constexpr std::int64_t kBatch = 100;

void report(std::string_view name, double multiply_adds, const std::function<void()>& call) {
  call();
  double least = std::numeric_limits<double>::max();
  const auto start = Clock::now();
  for (int i = 0; i < 5 || Clock::now() - start < std::chrono::milliseconds(400); ++i) {
    const auto before = Clock::now();
    call();
    least = std::min(least, std::chrono::duration<double, std::milli>(Clock::now() - before).count());
  }
  fmt::print("{:<58} {:8.2f} ms {:7.1f} G/s\n", name, least, multiply_adds / least / 1e6);
}

Tensor<float> random_tensor(wta::Shape shape, std::uint64_t seed) {
  Tensor<float> tensor(std::move(shape));
  const wta::Rng rng(seed, wta::Purpose::validation);
  for (std::int64_t i = 0; i < tensor.size(); ++i)
    tensor[i] = rng.uniform(static_cast<std::uint64_t>(i)) - 0.5F;
  return tensor;
}

struct Maps {
  MapShape shape;
  Tensor<float> values;
  Maps(const MapShape& s, std::uint64_t seed)
      : shape(s), values(random_tensor({kBatch, s.stored_size()}, seed)) {
    wta::clear_frame(view());
  }
  wta::MapsView<float> view() { return {values.data(), shape, kBatch}; }
};

/// Takes rows and leaves them.
class IgnoringSink final : public wta::RowSink<float> {
 public:
  void take_row(std::int64_t, std::int64_t, std::span<const float>) override {}
};

/// One winner at a random place of each map, of every `stride`-th sample.
wta::Winners<float> random_winners(std::int64_t units, std::int64_t positions, std::int64_t stride) {
  wta::Winners<float> winners;
  winners.units = units;
  winners.samples = kBatch;
  winners.offsets.push_back(0);
  const wta::Rng rng(7, wta::Purpose::validation);
  for (std::int64_t u = 0; u < units; ++u) {
    for (std::int64_t n = u % stride; n < kBatch; n += stride) {
      winners.sample.push_back(static_cast<std::int32_t>(n));
      winners.position.push_back(static_cast<std::int32_t>(
          rng.uniform(static_cast<std::uint64_t>(u * kBatch + n)) * static_cast<float>(positions)));
      winners.value.push_back(1.0F);
    }
    winners.offsets.push_back(winners.count());
  }
  winners.index_by_sample();
  return winners;
}

/// Competition and the last layer of 128conv5-128conv5-128deconv11 on 28 x 28.
void winner_kernels(std::int64_t winners_per_unit) {
  constexpr std::int64_t kUnits = 128;
  Maps h(wta::framed(28, 28, kUnits, 5), 1);
  Maps image(wta::framed(28, 28, 1, 11), 2);
  const auto encoder = random_tensor({kUnits, 25 * kUnits}, 3);
  const auto atoms = random_tensor({kUnits, 121}, 4);
  const auto winners = random_winners(kUnits, 784, kBatch / winners_per_unit);
  std::vector<float> gradient(winners.value.size(), 0.01F);
  std::vector<float> bias(kUnits);
  IgnoringSink sink;
  const auto work = [&](std::int64_t columns) { return static_cast<double>(winners.count() * columns); };
  const auto name = [&](std::string_view what) {
    return fmt::format("{}, {} winners a map", what, winners_per_unit);
  };
  report(name("paste_patches 11x11x1"), work(121), [&] {
    wta::cpu::paste_patches(winners, winners.value, atoms.matrix(), 11, 0, kBatch, image.view());
  });
  report(name("paste_patches 5x5x128"), work(3200),
         [&] { wta::cpu::paste_patches(winners, gradient, encoder.matrix(), 5, 0, kBatch, h.view()); });
  report(name("gradient_at_patches 11x11x1"), work(121), [&] {
    wta::cpu::gradient_at_patches(winners, atoms.matrix(), 11, image.view(), 0.01F, 0, kBatch, gradient);
  });
  report(name("gradient_at_patches 5x5x128"), work(3200), [&] {
    wta::cpu::gradient_at_patches(winners, encoder.matrix(), 5, h.view(), 0.01F, 0, kBatch, gradient);
  });
  for (const std::int64_t tile : {8, 32, 64, 128}) {
    report(name(fmt::format("patch_weights 5x5x128 + 11x11x1, tile {}", tile)), work(3200 + 121), [&] {
      for (std::int64_t u = 0; u < kUnits; u += tile) {
        wta::cpu::patch_weight_gradients(winners, {gradient, h.view(), 5, 1},
                                         {winners.value, image.view(), 11, 0.01F}, u, u + tile, {0, 1}, sink,
                                         bias);
      }
    });
  }
}

void whole_map_kernels() {
  Maps h(wta::framed(28, 28, 128, 5), 1);
  Tensor<float> value({kBatch, 128});
  Tensor<std::int32_t> position({kBatch, 128});
  Tensor<float> pooled({kBatch, 12800});
  report("select_spatial 28x28x128", 0,
         [&] { wta::cpu::select_spatial(h.view(), value.matrix(), position.matrix()); });
  report("max_pool 5/3 28x28x128", 0, [&] { wta::cpu::max_pool(h.view(), 5, 3, pooled.matrix()); });
}

/// A layer in -> out below the winners, every `stride`-th position listed.
void lower_layer(std::int64_t extent, std::int64_t in, std::int64_t out, std::int64_t kernel,
                 std::int64_t stride) {
  Maps x(wta::framed(extent, extent, in, kernel), 1);
  Maps grad(wta::framed(extent, extent, out, kernel), 2);
  const std::int64_t columns = kernel * kernel * in;
  const auto w = random_tensor({out, columns}, 3);
  Tensor<float> grad_w({out, columns});
  std::vector<float> bias(static_cast<std::size_t>(out));
  std::vector<std::int32_t> list;
  for (std::int64_t p = 0; p < extent * extent; p += stride) list.push_back(static_cast<std::int32_t>(p));
  const auto listed = static_cast<std::int64_t>(list.size());
  const std::vector<std::int64_t> count(kBatch, listed);
  const wta::ListedMaps<float> gradient{grad.view(), {{list.data(), kBatch, listed, 0}, count}};
  const auto work = static_cast<double>(kBatch * listed * out * columns);
  const auto shape =
      fmt::format("{}->{} {}x{} at {} of {}", in, out, kernel, kernel, listed, extent * extent);
  report("mask_touched " + shape, 0, [&] {
    static Tensor<std::int32_t> position({kBatch, 1024});
    static std::vector<std::int64_t> found(kBatch);
    wta::cpu::mask_touched(grad.view(), grad.view(), position.matrix(), found);
  });
  report("conv_grad_input " + shape, work,
         [&] { wta::cpu::conv_grad_input(gradient, w.matrix(), kernel, x.view()); });
  report("conv_grad_weight " + shape, work,
         [&] { wta::cpu::conv_grad_weight(gradient, x.view(), kernel, 0, out, grad_w.matrix(), bias); });
  const auto rows = random_tensor({listed, out}, 4);
  Tensor<float> patches({listed, columns});
  report("  gemm of grad_input", work, [&] {
    for (std::int64_t n = 0; n < kBatch; ++n) {
      wta::cpu::gemm(wta::cpu::Transpose::no, rows.matrix(), wta::cpu::Transpose::no, w.matrix(),
                     patches.matrix());
    }
  });
  report("  gemm of grad_weight", work, [&] {
    for (std::int64_t n = 0; n < kBatch; ++n) {
      wta::cpu::gemm(wta::cpu::Transpose::yes, rows.matrix(), wta::cpu::Transpose::no, patches.matrix(),
                     grad_w.matrix());
    }
  });
}

}  // namespace

int main() {
  whole_map_kernels();
  winner_kernels(100);
  winner_kernels(5);
  lower_layer(32, 64, 64, 5, 6);
  lower_layer(28, 1, 128, 5, 1);
  lower_layer(28, 1, 128, 11, 1);
  lower_layer(28, 128, 128, 5, 6);
}
