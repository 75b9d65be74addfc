/// Our side of `./dev bench fc` and `./dev bench conv`: answers requests on its standard input, so that
/// bench/driver.py can alternate rounds with PyTorch's side in one run (its docstring is the protocol).
/// Kinds: `step`, a whole training step; `forward`, its encoder alone; of a convolutional network also
/// `onednn_forward`, the same layers by oneDNN, and `encode`, codes of kEncodeSamples samples.

#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <iostream>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "core/parallel.h"
#include "kernels/isa.h"
#include "kernels/linear_relu.h"
#include "model/conv_batch.h"
#include "model/parameters.h"
#include "model/training_step.h"
#include "onednn_convolution.h"
#include "optim/optimizer.h"
#include "random_values.h"
#include "wta/architecture.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kEncodeSamples = 500;
constexpr int kWarmUpCalls = 2;

struct Arguments {
  std::string arch = "2000fc";
  std::vector<std::int64_t> shape = {784};
  std::int64_t batch = 100;
  std::string lifetime = "5%";
  std::string optimizer = "sgd";
  double lr = 1e-3;
  std::string pool = "off";
  bool tied = false;
  int threads = 2;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Timing {
  double median_ms = 0;
  double cpu_ms = 0;  // of all threads, mean per call
  std::size_t calls = 0;
};

// Calls that do not count, then calls for about `seconds`, at least one.
Timing measure(double seconds, const std::function<void()>& call) {
  const auto warm_up = Clock::now();
  for (int i = 0; i < kWarmUpCalls && (i == 0 || seconds_since(warm_up) < seconds); ++i) call();
  std::vector<double> times;
  const auto start = Clock::now();
  const std::clock_t cpu = std::clock();
  do {
    const auto before = Clock::now();
    call();
    times.push_back(seconds_since(before) * 1e3);
  } while (seconds_since(start) < seconds);
  const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return {.median_ms = *middle,
          .cpu_ms = cpu_seconds * 1e3 / static_cast<double>(times.size()),
          .calls = times.size()};
}

// Filters of mean 0, so that no map of a convolutional network is dead on the batch.
void centre_filters(wta::Autoencoder& network) {
  for (wta::EncoderLayer& layer : network.encoder) {
    const wta::MatrixView<float> filters = layer.weight.matrix();
    for (std::int64_t u = 0; u < filters.rows; ++u) {
      const std::span<float> filter = filters.row_span(u);
      const double sum = std::accumulate(filter.begin(), filter.end(), 0.0);
      const auto mean = static_cast<float>(sum / static_cast<double>(filters.cols));
      for (float& w : filter) w -= mean;
    }
  }
}

wta::Model fresh_model(const Arguments& arguments) {
  wta::Model model = wta::make_model({.arch = arguments.arch,
                                      .lifetime = wta::parse_rate("--lifetime", arguments.lifetime),
                                      .tied = arguments.tied ? "yes" : "no",
                                      .pool = arguments.pool},
                                     arguments.shape, 1);
  if (model.top().network.convolutional()) centre_filters(model.top().network);
  return model;
}

// What every kind starts from: the same first weights, and one fixed batch of uniform values in [0,1).
struct Setting {
  Setting(const Arguments& arguments, std::int64_t samples)
      : context{.threads = arguments.threads},
        model(fresh_model(arguments)),
        network(model.top().network),
        x(bench::random_tensor({samples, network.inputs()}, 0, 0)) {}
  explicit Setting(const Arguments& arguments) : Setting(arguments, arguments.batch) {}

  [[nodiscard]] wta::ConstMatrixView<float> batch() const { return x.matrix(); }

  wta::Context context;
  wta::Model model;
  wta::Autoencoder& network;
  wta::Tensor<float> x;
};

class Step {
 public:
  explicit Step(const Arguments& arguments)
      : setting_(arguments),
        optimizer_({.optimizer = arguments.optimizer, .lr = arguments.lr, .schedule = "constant"},
                   wta::parameters(setting_.network)),
        step_(wta::make_training_step(setting_.context, setting_.network)),
        sink_(optimizer_, wta::parameters(setting_.network)) {}

  void operator()() {
    optimizer_.begin_step(number_++, std::int64_t{1} << 40);
    step_->forward(setting_.batch());
    step_->backward(setting_.batch(), sink_);
  }

 private:
  Setting setting_;
  wta::Optimizer optimizer_;
  std::unique_ptr<wta::TrainingStep> step_;
  wta::UpdatingSink sink_;
  std::int64_t number_ = 0;
};

// The first layer's product and its rectifier.
class FcForward {
 public:
  explicit FcForward(const Arguments& arguments)
      : setting_(arguments), h_({setting_.network.encoder.front().bias.size(), arguments.batch}) {}

  void operator()() {
    const wta::EncoderLayer& layer = setting_.network.encoder.front();
    wta::parallel_for_tiles(
        setting_.context, h_.row_count(), wta::kUnitTile, [&](std::int64_t begin, std::int64_t end) {
          const auto tile = static_cast<std::size_t>(end - begin);
          wta::cpu::linear_relu_by_unit(layer.weight.matrix().row_range(begin, end),
                                        layer.bias.span().subspan(static_cast<std::size_t>(begin), tile),
                                        setting_.batch(), h_.matrix().row_range(begin, end));
        });
  }

 private:
  Setting setting_;
  wta::Tensor<float> h_;
};

// All layers as in training: filters are prepared, and the last layer finds the largest of each map.
class ConvForward {
 public:
  explicit ConvForward(const Arguments& arguments)
      : setting_(arguments),
        batch_(setting_.context, setting_.network),
        value_({arguments.batch, setting_.network.units()}),
        position_({arguments.batch, setting_.network.units()}) {
    batch_.resize(arguments.batch);
  }

  void operator()() {
    batch_.forward_lower(setting_.batch());
    batch_.forward_max(value_.matrix(), position_.matrix());
  }

 private:
  Setting setting_;
  wta::ConvBatch batch_;
  wta::Tensor<float> value_;
  wta::Tensor<std::int32_t> position_;
};

// The same layers by oneDNN's direct convolution. Its filters are prepared beforehand.
class OnednnForward {
 public:
  explicit OnednnForward(const Arguments& arguments) {
    omp_set_num_threads(arguments.threads);
    std::int64_t in = arguments.shape.at(2);
    for (const wta::LayerSpec& layer : wta::parse_architecture(arguments.arch).encoder) {
      const wta::cpu::ConvShape shape{.kernel = layer.kernel,
                                      .in = in,
                                      .out = layer.units,
                                      .height = arguments.shape.at(0),
                                      .width = arguments.shape.at(1)};
      layers_.emplace_back(shape, arguments.batch, dnnl::algorithm::convolution_direct);
      if (layers_.size() > 1) layers_.back().read_from(layers_[layers_.size() - 2]);
      in = layer.units;
    }
  }

  void operator()() {
    for (bench::OnednnConvolution& layer : layers_) layer.call();
  }

 private:
  std::vector<bench::OnednnConvolution> layers_;
};

// Codes of test time.
class Encode {
 public:
  explicit Encode(const Arguments& arguments)
      : setting_(arguments, kEncodeSamples), codes_({kEncodeSamples, wta::code_size(setting_.model)}) {}

  void operator()() { wta::encode(setting_.context, setting_.model, setting_.batch(), codes_.matrix()); }

 private:
  Setting setting_;
  wta::Tensor<float> codes_;
};

template <class Task>
std::function<void()> fresh(const Arguments& arguments) {
  return [task = std::make_shared<Task>(arguments)] { (*task)(); };
}

// Empty for an unknown kind.
std::function<void()> call_of(const std::string& kind, const Arguments& arguments) {
  const bool conv = wta::parse_architecture(arguments.arch).convolutional();
  if (kind == "step") return fresh<Step>(arguments);
  if (kind == "forward") return conv ? fresh<ConvForward>(arguments) : fresh<FcForward>(arguments);
  if (kind == "onednn_forward" && conv) return fresh<OnednnForward>(arguments);
  if (kind == "encode" && conv) return fresh<Encode>(arguments);
  return {};
}

int answer_requests(const Arguments& arguments) {
  std::cout << fmt::format(R"({{"version": "wta, {}"}})", wta::active_isa()) << std::endl;
  std::string kind;
  for (double seconds = 1; std::cin >> kind >> seconds;) {
    const std::function<void()> call = call_of(kind, arguments);
    if (!call) {
      std::cerr << "step_bench: a request is step or forward, of a convolutional network also "
                << "onednn_forward or encode; got " << kind << "\n";
      return 2;
    }
    const Timing timing = measure(seconds, call);
    const std::int64_t samples = kind == "encode" ? kEncodeSamples : arguments.batch;
    std::cout << fmt::format(R"({{"ms": {:.6f}, "cpu_ms": {:.6f}, "steps": {}, "samples": {}}})",
                             timing.median_ms, timing.cpu_ms, timing.calls, samples)
              << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Our side of ./dev bench fc and ./dev bench conv");
  app.add_option("--arch", arguments.arch);
  app.add_option("--shape", arguments.shape)->delimiter(',');
  app.add_option("--batch", arguments.batch);
  app.add_option("--lifetime", arguments.lifetime);
  app.add_option("--optimizer", arguments.optimizer);
  app.add_option("--lr", arguments.lr);
  app.add_option("--pool", arguments.pool);
  app.add_flag("--tied,!--untied", arguments.tied);
  app.add_option("--threads", arguments.threads);
  CLI11_PARSE(app, argc, argv);
  return answer_requests(arguments);
}
