/// The kernels on feature maps, one thread, at the shapes that training runs: `./dev bench patch_kernels`.
/// Milliseconds of processor time per batch, so that what else runs counts little, the least of several
/// calls; and billions of multiply-adds a second. The lines below a convolution's backward are what it
/// replaces: oneDNN's product alone, then with the copies of patches that it needs.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/rng.h"
#include "kernels/conv_backward.h"
#include "kernels/conv_relu.h"
#include "kernels/gemm_onednn.h"
#include "kernels/isa.h"
#include "kernels/max_pool.h"
#include "kernels/paste_patches.h"
#include "kernels/patch_gradient.h"
#include "kernels/patch_weights.h"
#include "kernels/spatial_selection.h"
#include "kernels/winograd_gradient.h"

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
    const std::clock_t before = std::clock();
    call();
    least = std::min(least, 1e3 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
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
  report(name("patch_weights 5x5x128 and 11x11x1"), work(3200 + 121), [&] {
    wta::cpu::patch_weight_gradients(winners, {gradient, h.view(), 5, 1},
                                     {winners.value, image.view(), 11, 0.01F}, 0, kUnits, {0, 1}, sink, bias);
  });
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
struct LowerLayer {
  LowerLayer(std::int64_t extent, std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t stride)
      : kernel(size),
        x(wta::framed(extent, extent, in, size), 1),
        grad(wta::framed(extent, extent, out, size), 2),
        w(random_tensor({out, size * size * in}, 3)),
        grad_w(w.shape()),
        product(w.shape()),
        bias(static_cast<std::size_t>(out)) {
    for (std::int64_t p = 0; p < extent * extent; p += stride) list.push_back(static_cast<std::int32_t>(p));
    const auto listed = static_cast<std::int64_t>(list.size());
    count.assign(kBatch, listed);
    rows = random_tensor({listed, out}, 4);
    patches = Tensor<float>({listed, w.row_size()});
    work = static_cast<double>(kBatch * listed * w.size());
    name = fmt::format("{}->{} {}x{} at {} of {}", in, out, size, size, listed, extent * extent);
  }

  [[nodiscard]] wta::ListedMaps<float> listed() {
    return {grad.view(), {{list.data(), kBatch, rows.row_count(), 0}, count}};
  }

  /// Calls copy(row of a patch in the maps, the same of the copy, size) for the listed positions.
  template <class Copy>
  void for_each_row(std::int64_t n, const Copy& copy) {
    const std::int64_t columns = kernel * x.shape.channels;
    for (std::size_t i = 0; i < list.size(); ++i) {
      for (std::int64_t k = 0; k < kernel; ++k) {
        copy(x.view().patch(n, list[i], kernel) + k * x.shape.row_stride(),
             patches.matrix().row(static_cast<std::int64_t>(i)) + k * columns, columns);
      }
    }
  }

  void copy_gradient(std::int64_t n) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      std::copy_n(grad.view().patch(n, list[i], 1), rows.row_size(),
                  rows.matrix().row(static_cast<std::int64_t>(i)));
    }
  }

  void input_by_gemm(std::int64_t n, bool copies) {
    if (copies) copy_gradient(n);
    wta::cpu::gemm(wta::cpu::Transpose::no, rows.matrix(), wta::cpu::Transpose::no, w.matrix(),
                   patches.matrix());
    if (!copies) return;
    for_each_row(n, [](float* map, const float* copy, std::int64_t size) {
      for (std::int64_t c = 0; c < size; ++c) map[c] += copy[c];
    });
  }

  void weight_by_gemm(std::int64_t n, bool copies) {
    if (copies) {
      copy_gradient(n);
      for_each_row(n, [](const float* map, float* copy, std::int64_t size) { std::copy_n(map, size, copy); });
    }
    wta::cpu::gemm(wta::cpu::Transpose::yes, rows.matrix(), wta::cpu::Transpose::no, patches.matrix(),
                   product.matrix());
    if (!copies) return;
    for (std::int64_t i = 0; i < grad_w.size(); ++i) grad_w[i] += product[i];
  }

  std::int64_t kernel;
  Maps x;
  Maps grad;
  Tensor<float> w;
  Tensor<float> grad_w;
  Tensor<float> product;
  std::vector<float> bias;
  std::vector<std::int32_t> list;
  std::vector<std::int64_t> count;
  Tensor<float> rows;
  Tensor<float> patches;
  double work = 0;
  std::string name;
};

void lower_layer(LowerLayer layer) {
  const auto of_samples = [](const std::function<void(std::int64_t)>& call) {
    return [call] {
      for (std::int64_t n = 0; n < kBatch; ++n) call(n);
    };
  };
  Tensor<std::int32_t> position({kBatch, layer.grad.shape.positions()});
  std::vector<std::int64_t> found(kBatch);
  report("mask_touched " + layer.name, 0,
         [&] { wta::cpu::mask_touched(layer.grad.view(), layer.grad.view(), position.matrix(), found); });
  report("conv_grad_input " + layer.name, layer.work,
         [&] { wta::cpu::conv_grad_input(layer.listed(), layer.w.matrix(), layer.kernel, layer.x.view()); });
  report("  gemm", layer.work, of_samples([&](std::int64_t n) { layer.input_by_gemm(n, false); }));
  report("  gemm, copies", layer.work, of_samples([&](std::int64_t n) { layer.input_by_gemm(n, true); }));
  report("conv_grad_weight " + layer.name, layer.work, [&] {
    wta::cpu::conv_grad_weight(layer.listed(), layer.x.view(), layer.kernel, 0, layer.w.row_count(),
                               layer.grad_w.matrix(), layer.bias);
  });
  report("  gemm", layer.work, of_samples([&](std::int64_t n) { layer.weight_by_gemm(n, false); }));
  report("  gemm, copies", layer.work, of_samples([&](std::int64_t n) { layer.weight_by_gemm(n, true); }));
}

/// The same layer over every position, in Winograd's form: at which share of listed positions it pays is the
/// quotient of the times. The rate counts the multiply-adds of the direct form.
void dense_layer(std::int64_t extent, std::int64_t in, std::int64_t out, std::int64_t size) {
  const wta::cpu::ConvFilters forward({size, in, out, extent, extent});
  wta::cpu::ConvFilters flipped({size, out, in, extent, extent});
  const wta::cpu::WinogradGradient weights(forward.shape(), forward.input_tile());
  Maps x(wta::framed(extent, extent, in, size, forward.input_tile()), 1);
  Maps grad(wta::framed(extent, extent, out, size, flipped.input_tile()), 2);
  Maps grad_x(wta::framed(extent, extent, in, size), 3);
  const auto w = random_tensor({in, size * size * out}, 3);
  Tensor<float> grad_w({out, size * size * in});
  std::vector<float> bias(static_cast<std::size_t>(out));
  Tensor<float> sums({1, weights.sums_size(out)});
  wta::AlignedVector<float> scratch(
      static_cast<std::size_t>(std::max(weights.scratch_size(out), flipped.scratch_size())));
  const double work = static_cast<double>(kBatch * extent * extent * w.size());
  const std::string name = fmt::format("{}->{} {}x{} dense", in, out, size, size);
  report("conv_linear, flipped " + name, work, [&] {
    flipped.assign(w.matrix(), 0, in);
    wta::cpu::conv_linear(flipped, grad.view(), grad_x.view(), scratch.data());
  });
  report("WinogradGradient " + name, work, [&] {
    std::ranges::fill(sums.span(), 0.0F);
    weights.add(grad.view(), x.view(), 0, out, sums.data(), scratch.data());
    weights.finish(sums.matrix(), out, 0, out, grad_w.matrix(), bias);
  });
}

}  // namespace

int main() {
  if (const char* isa = std::getenv("WTA_ISA"); isa != nullptr && *isa != '\0') wta::limit_isa(isa);
  fmt::print("{}\n", wta::active_isa());
  whole_map_kernels();
  winner_kernels(100);
  winner_kernels(5);
  lower_layer({32, 64, 64, 5, 6});
  lower_layer({32, 64, 64, 5, 1});
  lower_layer({28, 16, 16, 5, 1});
  lower_layer({8, 256, 256, 3, 1});
  lower_layer({28, 1, 128, 5, 1});
  lower_layer({28, 1, 128, 11, 1});
  lower_layer({28, 128, 128, 5, 6});
  dense_layer(32, 64, 64, 5);
  dense_layer(28, 16, 16, 5);
  dense_layer(28, 128, 128, 5);
  dense_layer(8, 256, 256, 3);
}
