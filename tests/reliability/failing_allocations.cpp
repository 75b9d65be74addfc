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
  bool builds_json = false;  ///< a nlohmann::json of many parts leaks those when its constructor throws
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
    return number < first_ ? number + 1 : number + std::max(every_, number * every_ / kFine);
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
    if (problem.empty() && held != 0 && !operation.builds_json)
      problem = fmt::format("{} allocations are never freed", held);
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

  static constexpr std::int64_t kFine = 200;
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

// A verb that reads `run` and `data`; `out` may be empty. (Not as a temporary with initialisers: g++ 12
// destroys parts of one twice when an exception interrupts it.)
template <class Verb>
Verb verb_of(const fs::path& run, const fs::path& data, const fs::path& out) {
  Verb verb;
  verb.run = run;
  if constexpr (requires { verb.data; }) verb.data.data = data.string();
  if constexpr (requires { verb.threads; }) verb.threads = kThreads;
  if constexpr (requires { verb.out; }) verb.out = out;
  return verb;
}

ExportVerb export_verb(const fs::path& run, const fs::path& out, const std::string& format) {
  ExportVerb verb;
  verb.run = run;
  verb.out = out;
  verb.format = format;
  return verb;
}

// Each works on files in RUN and gives the content of what it writes.
std::vector<Operation> of_readers(const fs::path& run, const fs::path& data) {
  const auto file = [=](const char* name) { return read_text(run / name); };
  const auto classify = verb_of<ClassifyVerb>(run, data, {});
  const auto predict = verb_of<PredictVerb>(run, data, run / "labels.csv");
  const auto to_table = verb_of<EncodeVerb>(run, data, run / "codes.npy");
  const auto to_sparse = verb_of<EncodeVerb>(run, data, run / "codes.npz");
  const auto report = verb_of<ReportVerb>(run, data, run / "report.html");
  const auto done = [](const auto& work, const auto& result) {
    return [=] {
      (void)work();
      return result();
    };
  };
  const auto writes = [=](const char* name) { return [=] { return file(name); }; };
  return {
      {"verify", [=] { return run_verify(run).sha256; }},
      {"load and save a model", done(
                                    [=] {
                                      save_model(run / "copy", load_model(run));
                                      return 0;
                                    },
                                    writes("copy"))},
      {"classify", done([=] { return run_classify(classify); }, writes("classifier.safetensors"))},
      {"predict", done([=] { return run_predict(predict); }, writes("labels.csv"))},
      {"encode to a table", done([=] { return run_encode(to_table); }, writes("codes.npy"))},
      {"encode to a sparse table", done([=] { return run_encode(to_sparse); }, writes("codes.npz"))},
      {"filters", done(
                      [=] {
                        run_filters(run, run / "atoms.png", 100, 1);
                        return 0;
                      },
                      writes("atoms.png"))},
      {"report", done([=] { return run_report(report); }, writes("report.html")), true},
  };
}

std::vector<Operation> of_exports(const fs::path& run) {
  std::vector<Operation> operations;
  for (const char* format : {"onnx", "huggingface", "saelens", "sparsify"}) {
    const ExportVerb verb = export_verb(run, run / format, format);
    operations.push_back({fmt::format("export to {}", format), [=] {
                            std::string content;
                            for (const fs::path& file : run_export(verb).files) content += read_text(file);
                            return content;
                          }});
  }
  operations.push_back(
      {"import from saelens", [=] { return bits(import_model(run / "saelens", "saelens")); }});
  return operations;
}

std::vector<Operation> of_trainings(const fs::path& folder, const fs::path& run) {
  const TrainVerb start = train_verb(folder, run);
  TrainVerb resume = start;
  resume.run.overwrite = false;
  resume.run.resume = true;
  DataOptions data;
  data.data = (folder / "data.npz").string();
  return {{"train in a folder",
           [=] {
             (void)run_train(start, {});
             return read_text(run / "model.safetensors") + read_text(run / "filters.png");
           }},
          {"resume",
           [=] {
             (void)run_train(resume, {});
             return read_text(run / "model.safetensors") + read_text(run / "metrics.jsonl");
           }},
          {"load data", [=] { return load_dataset(data, {}).train.samples.fingerprint(); }}};
}

void append(std::vector<Operation>& operations, const std::vector<Operation>& more) {
  operations.insert(operations.end(), more.begin(), more.end());
}

int run(const fs::path& folder, std::int64_t every, std::int64_t first) {
  Failures failures(every, first);
  const fs::path data = folder / "data.npz";
  const fs::path run = folder / "run";
  const Samples samples = load_dataset({.data = data.string()}, {}).train.samples;
  (void)run_train(train_verb(folder, run), {});
  std::vector<Operation> operations = of_models(samples, {"fc", "deep", "conv", "rbm", "zca", "stack"});
  append(operations, of_readers(run, data));
  append(operations, of_exports(run));
  append(operations, of_trainings(folder, run));  // the last, as they end with what the others read
  for (const Operation& operation : operations) failures.try_all(operation);
  return failures.report();
}

}  // namespace
}  // namespace wta

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::set_terminate(wta::report_termination);
  return wta::run(argv[1], std::atol(argv[2]), std::atol(argv[3]));
}
