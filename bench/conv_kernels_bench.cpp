/// Times the dense convolution of an encoder: each of our algorithms and oneDNN's, in alternating rounds of
/// one run, the least time of each. Same batch, same number of threads; filters are prepared outside, and
/// timed on lines of their own.

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/parallel.h"
#include "core/scratch_pool.h"
#include "kernels/conv_filters.h"
#include "kernels/conv_relu.h"
#include "kernels/isa.h"
#include "onednn_convolution.h"
#include "random_values.h"

namespace {

using wta::cpu::ConvFilters;
using wta::cpu::ConvShape;

struct Case {
  ConvShape shape;
  std::int64_t samples;
};

struct Contestant {
  std::string name;
  std::function<void()> call;
  double best_ms = 1e9;
};

void race(std::vector<Contestant>& contestants, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (Contestant& contestant : contestants) {
      const auto start = std::chrono::steady_clock::now();
      contestant.call();
      const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
      contestant.best_ms = std::min(contestant.best_ms, time.count());
    }
  }
}

/// Our convolution with one of its algorithms.
class Ours {
 public:
  Ours(const Case& c, std::int64_t tile, int threads)
      : context_{.threads = threads},
        filters_(c.shape, tile),
        w_(bench::random_tensor({c.shape.out, c.shape.kernel * c.shape.kernel * c.shape.in}, -1, 1)),
        bias_(static_cast<std::size_t>(c.shape.out), 0.1F),
        x_shape_(wta::framed(c.shape.height, c.shape.width, c.shape.in, c.shape.kernel, tile)),
        h_shape_(wta::framed(c.shape.height, c.shape.width, c.shape.out, 1)),
        x_({c.samples, x_shape_.stored_size()}),
        h_({c.samples, h_shape_.stored_size()}),
        value_({c.samples, c.shape.out}),
        position_({c.samples, c.shape.out}) {
    const wta::Tensor<float> values = bench::random_tensor({c.samples, x_shape_.size()}, -1, 2);
    const wta::MapsView<float> x(x_.data(), x_shape_, c.samples);
    for (std::int64_t n = 0; n < c.samples; ++n) {
      for (std::int64_t p = 0; p < x_shape_.positions(); ++p) {
        std::copy_n(values.data() + (n * x_shape_.positions() + p) * c.shape.in, c.shape.in,
                    x.patch(n, p, 1));
      }
    }
    prepare();
  }

  void prepare() {
    wta::parallel_for_tiles(context_, filters_.shape().out, ConvFilters::kPanel,
                            [&](auto begin, auto end) { filters_.assign(w_.matrix(), begin, end); });
  }

  void maps() {
    by_block([&](auto x, auto begin, auto end, float* scratch) {
      const wta::MapsView<float> h(h_.data(), h_shape_, x_.row_count());
      wta::cpu::conv_relu(filters_, bias_, x, h.sample_range(begin, end), scratch);
    });
  }

  void max() {
    by_block([&](auto x, auto begin, auto end, float* scratch) {
      wta::cpu::conv_relu_max(filters_, bias_, x, value_.matrix().row_range(begin, end),
                              position_.matrix().row_range(begin, end), scratch);
    });
  }

 private:
  template <class Call>
  void by_block(Call call) {
    const wta::ConstMapsView<float> x(x_.data(), x_shape_, x_.row_count());
    wta::parallel_for_tiles(context_, x_.row_count(), filters_.block_samples(), [&](auto begin, auto end) {
      auto scratch = scratch_.borrow(filters_.scratch_size());
      call(x.sample_range(begin, end), begin, end, scratch.data());
    });
  }

  wta::Context context_;
  ConvFilters filters_;
  wta::Tensor<float> w_;
  std::vector<float> bias_;
  wta::MapShape x_shape_;
  wta::MapShape h_shape_;
  wta::Tensor<float> x_;
  wta::Tensor<float> h_;
  wta::Tensor<float> value_;
  wta::Tensor<std::int32_t> position_;
  wta::ScratchPool scratch_;
};

void run(const Case& c, int threads, int rounds) {
  const ConvShape& s = c.shape;
  const double multiplications = static_cast<double>(c.samples * s.height * s.width) *
                                 static_cast<double>(s.kernel * s.kernel * s.in * s.out);
  fmt::print("{}->{} {}x{} on {}x{}, {} samples: {:.2f} G multiplications\n", s.in, s.out, s.kernel, s.kernel,
             s.height, s.width, c.samples, multiplications * 1e-9);
  std::vector<std::unique_ptr<Ours>> ours;
  std::vector<Contestant> contestants;
  for (const std::int64_t tile : wta::cpu::conv_tiles(s.kernel)) {
    Ours& one = *ours.emplace_back(std::make_unique<Ours>(c, tile, threads));
    const std::string name = tile == 1 ? "patches" : fmt::format("winograd F({},{})", tile, s.kernel);
    const bool chosen = tile == wta::cpu::best_conv_tile(s);
    contestants.push_back({name + (chosen ? " *" : ""), [&one] { one.maps(); }});
    contestants.push_back({name + " max", [&one] { one.max(); }});
    contestants.push_back({name + " filters", [&one] { one.prepare(); }});
  }
  omp_set_num_threads(threads);
  bench::OnednnConvolution onednn(s, c.samples, dnnl::algorithm::convolution_auto);
  contestants.push_back({"oneDNN " + onednn.implementation(), [&] { onednn.call(); }});
  race(contestants, rounds);
  for (const Contestant& contestant : contestants) {
    fmt::print("  {:<28} {:9.3f} ms {:8.1f} G/s\n", contestant.name, contestant.best_ms,
               multiplications * 1e-6 / contestant.best_ms);
  }
}

}  // namespace

/// conv_kernels_bench [THREADS [ROUNDS [KERNEL IN OUT HEIGHT WIDTH SAMPLES]]]
int main(int argc, char** argv) {
  std::vector<std::int64_t> given;
  for (int i = 1; i < argc; ++i) given.push_back(std::atoll(argv[i]));
  const int threads = !given.empty() ? static_cast<int>(given[0]) : 2;
  const int rounds = given.size() > 1 ? static_cast<int>(given[1]) : 10;
  if (const char* isa = std::getenv("WTA_ISA")) wta::limit_isa(isa);
  std::vector<Case> cases = {
      {{5, 1, 128, 28, 28}, 100}, {{5, 128, 128, 28, 28}, 100}, {{5, 3, 64, 32, 32}, 100},
      {{5, 64, 64, 32, 32}, 100}, {{3, 256, 1024, 8, 8}, 100},  {{3, 128, 2048, 10, 10}, 100},
      {{7, 32, 32, 28, 28}, 100}, {{9, 64, 64, 32, 32}, 20},
  };
  if (given.size() == 8) cases = {{{given[2], given[3], given[4], given[5], given[6]}, given[7]}};
  fmt::print("{} threads, {}, least of {} rounds; * is what the rule chooses\n", threads, wta::active_isa(),
             rounds);
  for (const Case& c : cases) run(c, threads, rounds);
}
