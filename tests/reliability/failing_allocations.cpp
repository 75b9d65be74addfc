// Public operations in which allocation N fails, for N = 1, 2, ... until one needs fewer: each ends with
// std::bad_alloc or MemoryError, leaks nothing, and gives the same bits when it is done again.
//
// usage: failing_allocations FOLDER EVERY FIRST   FOLDER: with data.npz; of the numbers beyond FIRST, every
// EVERY-th

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "app/classify.h"
#include "app/codes.h"
#include "app/exchange.h"
#include "app/fit.h"
#include "app/info.h"
#include "app/report.h"
#include "app/train.h"
#include "io/read_file.h"
#include "reliability/scarce_memory.h"
#include "wta/error.h"

namespace wta {
namespace {

namespace fs = std::filesystem;
using testing_support::allocations;
using testing_support::fail_allocation;
using testing_support::live_allocations;
using testing_support::Shortage;

constexpr std::int64_t kThreads = 2;

// What is done, and the bits that come of it.
struct Operation {
  std::string name;
  std::function<std::string()> run;
};

std::string bits(const Tensor<float>& values) {
  return {reinterpret_cast<const char*>(values.data()),
          static_cast<std::size_t>(values.size()) * sizeof(float)};
}

std::string bits(const Model& model) {
  const std::vector<std::byte> bytes = model_to_bytes(model);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): what a handler of crashes can print
std::string under_way;

[[noreturn]] void report_termination() {
  fail_allocation(0);
  std::fprintf(stderr, "FAILED %s: std::terminate\n", under_way.c_str());
  std::_Exit(2);
}

class Failures {
 public:
  Failures(std::int64_t every, std::int64_t first) : every_(every), first_(first) {}

  void try_all(const Operation& operation) {
    const std::string expected = operation.run();
    (void)operation.run();  // what is made once and kept is there now
    for (std::int64_t number = 1; number > 0; number = after(number)) {
      const Shortage shortage = number % 2 == 0 ? Shortage::for_good : Shortage::once;
      if (!try_one(operation, number, shortage, expected)) return;
    }
  }

  [[nodiscard]] int report() const {
    std::printf("%ld cases, %ld failures\n", cases_, failures_);
    return failures_ == 0 ? 0 : 1;
  }

 private:
  [[nodiscard]] std::int64_t after(std::int64_t number) const {
    return number < first_ ? number + 1 : number + every_;
  }

  // False: the operation needs fewer allocations.
  bool try_one(const Operation& operation, std::int64_t number, Shortage shortage,
               const std::string& expected) {
    under_way = fmt::format("{}, allocation {}{}", operation.name, number,
                            shortage == Shortage::once ? "" : " and all that follow");
    const std::int64_t before = live_allocations();
    fail_allocation(number, shortage);
    std::string problem = outcome(operation, expected);
    const bool reached = allocations() >= number;
    fail_allocation(0);
    if (!reached) return false;
    ++cases_;
    const std::int64_t held = live_allocations() - before - (problem.capacity() > kInside ? 1 : 0);
    if (problem.empty() && held != 0) problem = fmt::format("{} allocations are never freed", held);
    if (problem.empty() && operation.run() != expected) problem = "other bits when it is done again";
    if (problem.empty()) return true;
    ++failures_;
    std::fprintf(stderr, "FAILED %s: %s\n", under_way.c_str(), problem.c_str());
    return true;
  }

  // What went wrong: nothing where memory ran out by name, or was not needed after all.
  static std::string outcome(const Operation& operation, const std::string& expected) {
    try {
      return operation.run() == expected ? "" : "other bits";
    } catch (const std::bad_alloc&) {
      return {};
    } catch (const MemoryError&) {
      return {};
    } catch (const std::exception& error) {
      fail_allocation(0);
      return error.what();
    }
  }

  static constexpr std::size_t kInside = 15;  // of a std::string that needs no allocation

  std::int64_t every_;
  std::int64_t first_;
  std::int64_t cases_ = 0;
  std::int64_t failures_ = 0;
};

FitOptions fit_options(const std::string& kind) {
  FitOptions options;
  options.threads = kThreads;
  options.common.training.epochs = 1;
  options.common.training.batch = 40;
  options.common.model.arch = kind == "conv" || kind == "stack" ? "4conv3-4deconv3" : "12fc";
  if (kind == "rbm") options.common.model.model = "rbm";
  if (kind == "zca") options.common.model.preprocess = "zca";
  if (kind == "deep") options.common.model.arch = "12fc-8fc";
  if (kind == "stack") options.stages = {{}, {{"arch", "8fc"}}};
  return options;
}

TrainVerb train_verb(const fs::path& folder, const fs::path& run) {
  TrainVerb verb;
  verb.data.data = (folder / "data.npz").string();
  verb.stage = fit_options("fc").common;
  verb.stage.training.checkpoint_seconds = 0;
  verb.run = {.out = run.string()};
  verb.run.threads = kThreads;
  verb.run.overwrite = true;
  return verb;
}

std::vector<Operation> of_models(const Samples& samples, const std::vector<std::string>& kinds) {
  std::vector<Operation> operations;
  const Context context{.threads = kThreads};
  for (const std::string& kind : kinds) {
    const FitOptions options = fit_options(kind);
    operations.push_back({"train " + kind, [=] { return bits(fit(options, samples, {}).model); }});
    const Model model = fit(options, samples, {}).model;
    operations.push_back({"encode " + kind, [=] {
                            Tensor<float> codes({samples.count(), code_size(model)});
                            Tensor<float> x({samples.count(), samples.sample_size()});
                            samples.read(0, x.matrix());
                            encode(context, model, x.matrix(), codes.matrix());
                            return bits(codes);
                          }});
    operations.push_back({"reconstruct " + kind, [=] {
                            Tensor<float> x({samples.count(), samples.sample_size()});
                            samples.read(0, x.matrix());
                            Tensor<float> out(x.shape());
                            reconstruct(context, model, x.matrix(), out.matrix());
                            return bits(out);
                          }});
    operations.push_back({"learn on " + kind, [=] {
                            PartialFit learner(options, model);
                            learner.learn(samples, {});
                            return bits(learner.model());
                          }});
  }
  return operations;
}

std::vector<Operation> of_files(const fs::path& folder) {
  const fs::path run = folder / "run";
  const fs::path data = folder / "data.npz";
  const auto file = [=](const char* name) { return read_text(run / name); };
  return {
      {"train in a folder",
       [=] {
         (void)run_train(train_verb(folder, run), {});
         return file("model.safetensors") + file("filters.png") + file("reconstructions.png");
       }},
      {"resume",
       [=] {
         TrainVerb verb = train_verb(folder, run);
         verb.run.overwrite = false;
         verb.run.resume = true;
         (void)run_train(verb, {});
         return file("model.safetensors");
       }},
      {"load data", [=] { return load_dataset({.data = data.string()}, {}).train.samples.fingerprint(); }},
      {"load and save a model",
       [=] {
         save_model(run / "copy.safetensors", load_model(run));
         return file("copy.safetensors");
       }},
      {"verify", [=] { return run_verify(run).sha256; }},
      {"classify",
       [=] {
         (void)run_classify({.run = run, .data = {.data = data.string()}, .threads = kThreads});
         return file("classifier.safetensors");
       }},
      {"predict",
       [=] {
         (void)run_predict(
             {.run = run, .data = {.data = data.string()}, .out = run / "labels.csv", .threads = kThreads});
         return file("labels.csv");
       }},
      {"encode to a table",
       [=] {
         (void)run_encode(
             {.run = run, .data = {.data = data.string()}, .out = run / "codes.npy", .threads = kThreads});
         return file("codes.npy");
       }},
      {"encode to a sparse table",
       [=] {
         (void)run_encode(
             {.run = run, .data = {.data = data.string()}, .out = run / "codes.npz", .threads = kThreads});
         return file("codes.npz");
       }},
      {"filters",
       [=] {
         run_filters(run, run / "atoms.png", 100, 1);
         return file("atoms.png");
       }},
      {"report",
       [=] {
         (void)run_report({.run = run, .data = {.data = data.string()}, .threads = kThreads});
         return file("report.html");
       }},
      {"export to onnx",
       [=] {
         (void)run_export({.run = run, .out = run / "model.onnx", .format = "onnx"});
         return file("model.onnx");
       }},
      {"export to saelens",
       [=] {
         (void)run_export({.run = run, .out = run / "sae", .format = "saelens"});
         return file("sae/cfg.json") + bits(import_model(run / "sae", "saelens"));
       }},
  };
}

int run(const fs::path& folder, std::int64_t every, std::int64_t first) {
  Failures failures(every, first);
  const Samples samples = load_dataset({.data = (folder / "data.npz").string()}, {}).train.samples;
  for (const Operation& operation : of_models(samples, {"fc", "deep", "conv", "rbm", "zca", "stack"}))
    failures.try_all(operation);
  (void)run_train(train_verb(folder, folder / "run"), {});
  for (const Operation& operation : of_files(folder)) failures.try_all(operation);
  return failures.report();
}

}  // namespace
}  // namespace wta

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::set_terminate(wta::report_termination);
  return wta::run(argv[1], std::atol(argv[2]), std::atol(argv[3]));
}
