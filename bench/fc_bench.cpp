/// Our side of `./dev bench fc`: answers requests on its standard input, so that bench/driver.py can
/// alternate rounds with PyTorch's side in one run (its docstring is the protocol). Kinds: `step`, a whole
/// training step; `forward`, the encoder product and its rectifier alone.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "core/parallel.h"
#include "core/rng.h"
#include "kernels/isa.h"
#include "kernels/linear_relu.h"
#include "model/fc_training_step.h"
#include "model/parameters.h"
#include "optim/optimizer.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
  std::int64_t inputs = 784;
  std::int64_t units = 2000;
  std::int64_t batch = 100;
  double rate = 0.05;
  std::string optimizer = "sgd";
  bool tied = false;
  int threads = 2;
};

struct Timing {
  double median_ms = 0;
  std::size_t calls = 0;
};

// Two calls that do not count, then calls for about `seconds`, at least one.
Timing measure(double seconds, const std::function<void()>& call) {
  call();
  call();
  std::vector<double> times;
  const auto start = Clock::now();
  do {
    const auto before = Clock::now();
    call();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - before).count());
  } while (std::chrono::duration<double>(Clock::now() - start).count() < seconds);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return {.median_ms = *middle, .calls = times.size()};
}

// One fixed batch of uniform values in [0,1).
wta::Tensor<float> random_batch(std::int64_t samples, std::int64_t inputs) {
  wta::Tensor<float> x({samples, inputs});
  const wta::Rng rng(1, wta::Purpose::validation);
  for (std::int64_t i = 0; i < x.size(); ++i) x[i] = rng.uniform(static_cast<std::uint64_t>(i));
  return x;
}

// The network, its optimiser and one step, fresh from the same first weights.
class Bench {
 public:
  explicit Bench(const Arguments& arguments)
      : context_{.threads = arguments.threads},
        model_(wta::make_model({.arch = fmt::format("{}fc", arguments.units),
                                .lifetime = {.fraction = arguments.rate},
                                .tied = arguments.tied ? "yes" : "no"},
                               {arguments.inputs}, 1)),
        optimizer_({.optimizer = arguments.optimizer, .lr = 1e-3, .schedule = "constant"},
                   wta::parameters(model_.top().network)),
        step_(context_, model_.top().network),
        sink_(optimizer_, wta::parameters(model_.top().network)),
        x_(random_batch(arguments.batch, arguments.inputs)),
        h_({arguments.units, arguments.batch}) {}

  void step() {
    optimizer_.begin_step(number_++, std::int64_t{1} << 40);
    step_.forward(x_.matrix());
    step_.backward(x_.matrix(), sink_);
  }

  void forward() {
    const wta::EncoderLayer& layer = model_.top().network.encoder.front();
    wta::parallel_for_tiles(
        context_, h_.row_count(), wta::kUnitTile, [&](std::int64_t begin, std::int64_t end) {
          const auto tile = static_cast<std::size_t>(end - begin);
          wta::cpu::linear_relu_by_unit(layer.weight.matrix().row_range(begin, end),
                                        layer.bias.span().subspan(static_cast<std::size_t>(begin), tile),
                                        std::as_const(x_).matrix(), h_.matrix().row_range(begin, end));
        });
  }

 private:
  wta::Context context_;
  wta::Model model_;
  wta::Optimizer optimizer_;
  wta::FcTrainingStep step_;
  wta::UpdatingSink sink_;
  wta::Tensor<float> x_;
  wta::Tensor<float> h_;
  std::int64_t number_ = 0;
};

int answer_requests(const Arguments& arguments) {
  std::cout << fmt::format(R"({{"version": "wta, {}"}})", wta::active_isa()) << std::endl;
  std::string kind;
  for (double seconds = 1; std::cin >> kind >> seconds;) {
    Bench bench(arguments);
    Timing timing;
    if (kind == "step") {
      timing = measure(seconds, [&] { bench.step(); });
    } else if (kind == "forward") {
      timing = measure(seconds, [&] { bench.forward(); });
    } else {
      std::cerr << "fc_bench: a request is step or forward; got " << kind << "\n";
      return 2;
    }
    std::cout << fmt::format(R"({{"ms": {:.6f}, "steps": {}}})", timing.median_ms, timing.calls) << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Our side of ./dev bench fc");
  app.add_option("--inputs", arguments.inputs);
  app.add_option("--units", arguments.units);
  app.add_option("--batch", arguments.batch);
  app.add_option("--rate", arguments.rate);
  app.add_option("--optimizer", arguments.optimizer);
  app.add_flag("--tied", arguments.tied);
  app.add_option("--threads", arguments.threads);
  CLI11_PARSE(app, argc, argv);
  return answer_requests(arguments);
}
